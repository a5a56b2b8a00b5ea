// Owns what anybody may ask: whether the server can serve, and which organization it is.
import { z } from 'zod';
import { getOrg } from '../core/org.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const FEATURES = {
  analyticsCollectionEnabled: false,
  bugReportingEnabled: false,
  omEnabled: false,
  pssoEnabled: false,
  desktopMFAEnabled: false,
  itpEnabled: false,
  op4wEnabled: false,
};

export const wellKnownRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/health',
    operationId: 'getHealth',
    summary: 'Whether this process can serve: 503 when its database does not answer',
    tags: ['Operation'],
    access: 'public',
    responses: { 200: z.object({ status: z.literal('ok') }) },
    async handle({ env }) {
      try {
        await getOrg(env);
        return json({ status: 'ok' });
      } catch (error) {
        env.log.error({ err: error, requestId: env.request.id }, 'The database does not answer');
        return json({ status: 'unavailable' }, 503);
      }
    },
  }),
  route({
    method: 'GET',
    path: '/.well-known/okta-organization',
    operationId: 'getWellknownOrgMetadata',
    summary: 'Read which organization this is',
    tags: ['OrgSettingMetadata'],
    access: 'public',
    responses: { 200: z.record(z.string(), z.unknown()) },
    async handle({ env }) {
      const { id } = await getOrg(env);
      return json({
        id,
        cell: 'gatehouse',
        _links: { organization: { href: env.request.origin } },
        // Sessions are those of Identity Engine: the cookie is `idx`.
        pipeline: 'idx',
        settings: FEATURES,
      });
    },
  }),
];
