// Owns /api/v1/org/factors: the factors of the org by their older names, turned on and off with the authenticators that they belong
// to. Not here: the authenticators themselves (authenticators.ts).
import { z } from 'zod';
import {
  type Authenticator,
  listAuthenticators,
  replaceAuthenticator,
  setAuthenticatorStatus,
} from '../core/authenticators.ts';
import { type Env, transact } from '../core/env.ts';
import { type FactorKind, factorKinds } from '../core/factor-kinds.ts';
import { kindsTurnedOn } from '../core/factors.ts';
import { notFound } from '../core/refusal.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { lifecycleLink } from './authorization-servers.ts';
import { orgFactor } from './factors.schema.ts';

const tags = ['OrgFactor'];
const lifecycle = [
  ['activate', 'ACTIVE'],
  ['deactivate', 'INACTIVE'],
] as const;

export const orgFactorRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/org/factors',
    operationId: 'listOrgFactors',
    summary: 'List the factors of the org',
    tags,
    access: 'okta.authenticators.read',
    responses: { 200: z.array(orgFactor) },
    handle: async ({ env }) => json(await Promise.all(factorKinds.map((kind) => show(env, kind)))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/org/factors/{factorName}',
    operationId: 'getOrgFactor',
    summary: 'Read a factor of the org',
    tags,
    access: 'okta.authenticators.read',
    responses: { 200: orgFactor },
    handle: async ({ env, params }) => json(await show(env, kindNamed(params.factorName))),
  }),
  ...lifecycle.map(([change, status]) =>
    route({
      method: 'POST',
      path: `/api/v1/org/factors/{factorName}/lifecycle/${change}`,
      operationId: `${change}OrgFactor`,
      summary: change === 'activate' ? 'Turn a factor on' : 'Turn a factor off',
      tags,
      access: 'okta.authenticators.manage',
      responses: { 200: orgFactor },
      async handle({ env, params }) {
        const kind = kindNamed(params.factorName);
        await turn(env, kind, status);
        return json(await show(env, kind));
      },
    }),
  ),
];

/** Throws E0000007. */
function kindNamed(name: string): FactorKind {
  const kind = factorKinds.find((one) => one.orgFactor === name);
  if (!kind) throw notFound(name, 'OrgFactor');
  return kind;
}

/** The question's authenticator serves recovery as well, which goes on without the factor. */
async function turn(env: Env, kind: FactorKind, status: Authenticator['status']): Promise<void> {
  const found = (await listAuthenticators(env)).find(({ key }) => key === kind.authenticator);
  if (!found) throw notFound(kind.orgFactor, 'OrgFactor');
  await transact(env, async (env) => {
    if (kind.factorType !== 'question') return void (await setAuthenticatorStatus(env, found.id, status));
    if (status === 'ACTIVE') await setAuthenticatorStatus(env, found.id, status);
    const settings = { ...found.settings, allowedFor: status === 'ACTIVE' ? 'any' : 'recovery' };
    await replaceAuthenticator(env, found.id, { key: undefined, settings });
  });
}

async function show(env: Env, kind: FactorKind): Promise<z.input<typeof orgFactor>> {
  const status = (await kindsTurnedOn(env)).includes(kind) ? 'ACTIVE' : 'INACTIVE';
  const { orgFactor: id, provider, factorType } = kind;
  return {
    id,
    provider,
    factorType,
    status,
    _links: lifecycleLink(`${env.request.origin}/api/v1/org/factors/${id}`, status),
  };
}
