// Owns /api/v1/org/contacts, and /api/v1/org/privacy as far as it is true of a server that nobody but its operator reaches: no vendor
// writes to its people, and no vendor's support may enter. Not here: the organization's other settings (org.ts).
import { z } from 'zod';
import type { Env } from '../core/env.ts';
import { contactTypes, getOrgContact, setOrgContact } from '../core/org-contacts.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const links = z.record(z.string(), z.unknown());
const contactType = z.object({ contactType: z.enum(contactTypes), _links: links });
const contact = z.object({ userId: z.string(), _links: links });
const communication = z.object({ optOutEmailUsers: z.boolean(), _links: links });
const support = z.object({
  support: z.string(),
  expiration: z.string().nullable(),
  caseNumber: z.string().nullable(),
  _links: links,
});

const contactTags = ['OrgSettingContact'];
const read = 'okta.orgs.read';
const manage = 'okta.orgs.manage';

export const orgContactRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/org/contacts',
    operationId: 'getOrgContactTypes',
    summary: 'List the kinds of contacts',
    tags: contactTags,
    access: read,
    responses: { 200: z.array(contactType) },
    async handle({ env }) {
      const link = (type: string) => ({
        [type.toLowerCase()]: { href: addressOf(env, `contacts/${type.toLowerCase()}`) },
      });
      return json(contactTypes.map((one) => ({ contactType: one, _links: link(one) })));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/org/contacts/{contactType}',
    operationId: 'getOrgContactUser',
    summary: 'Read who is the contact of a kind',
    tags: contactTags,
    access: read,
    responses: { 200: contact },
    handle: async ({ env, params }) =>
      json(showContact(env, await getOrgContact(env, params.contactType.toUpperCase()))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/org/contacts/{contactType}',
    operationId: 'replaceOrgContactUser',
    summary: 'Say who is the contact of a kind',
    tags: contactTags,
    access: manage,
    body: z.object({ userId: z.string() }),
    responses: { 200: contact },
    async handle({ env, params, body }) {
      await setOrgContact(env, params.contactType.toUpperCase(), body.userId);
      return json(showContact(env, body.userId));
    },
  }),
  ...(
    [
      ['GET', '', 'getOktaCommunicationSettings', read, 'Read whether a vendor may write to people: never'],
      ['POST', '/optOut', 'optOutUsersFromOktaCommunicationEmails', manage, 'Let no vendor write to people: none does'],
    ] as const
  ).map(([method, part, operationId, access, summary]) =>
    route({
      method,
      path: `/api/v1/org/privacy/oktaCommunication${part}`,
      operationId,
      summary,
      tags: ['OrgSettingCommunication'],
      access,
      responses: { 200: communication },
      handle: async ({ env }) =>
        json({ optOutEmailUsers: true, _links: { self: { href: addressOf(env, 'privacy/oktaCommunication') } } }),
    }),
  ),
  route({
    method: 'GET',
    path: '/api/v1/org/privacy/oktaSupport',
    operationId: 'getOrgOktaSupportSettings',
    summary: 'Read whether the support of a vendor may enter: never',
    tags: ['OrgSettingSupport'],
    access: read,
    responses: { 200: support },
    handle: async ({ env }) =>
      json({
        support: 'DISABLED',
        expiration: null,
        caseNumber: null,
        _links: { self: { href: addressOf(env, 'privacy/oktaSupport') } },
      }),
  }),
];

function addressOf(env: Env, part: string): string {
  return `${env.request.origin}/api/v1/org/${part}`;
}

function showContact(env: Env, userId: string): z.input<typeof contact> {
  return { userId, _links: { user: { href: `${env.request.origin}/api/v1/users/${userId}` } } };
}
