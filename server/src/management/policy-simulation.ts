// Owns /api/v1/policies/simulate: what policies would say of a person, without a sign-in. Not here: how they are asked
// (core/policies/simulate.ts).
import { z } from 'zod';
import { getApplication } from '../core/applications.ts';
import type { Env } from '../core/env.ts';
import { listGroupIdsOfUser } from '../core/groups.ts';
import { type PolicyVerdict, type SimulatedType, simulate, simulatedTypes } from '../core/policies/simulate.ts';
import { invalid } from '../core/refusal.ts';
import { getUser } from '../core/users.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { requireScope } from './access.ts';

const MOST_SIMULATIONS = 10;

const status = z.enum(['MATCH', 'NOT_MATCH', 'UNDEFINED']);
const verdict = z.object({ id: z.string(), name: z.string(), status });
const policies = z.object({ policies: z.array(verdict.extend({ rules: z.array(verdict).optional() })) });
const evaluation = z.object({
  status: status.nullable(),
  policyType: z.array(z.string()),
  result: policies,
  undefined: policies,
  evaluated: policies.optional(),
});

const unknown = z.unknown().optional();
const asked = z.object({
  appInstance: z.string(),
  policyTypes: z.array(z.string()).nullish(),
  policyContext: z.object({
    user: z.object({ id: z.string() }),
    groups: z.object({ ids: z.array(z.string()).max(1000) }).nullish(),
    ip: z.string().max(45).nullish(),
    zones: unknown,
    risk: unknown,
    device: unknown,
  }),
});

export const policySimulationRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/policies/simulate',
    operationId: 'createPolicySimulation',
    summary: 'Tell which policies and rules would decide about a user',
    tags: ['Policy'],
    access: 'okta.policies.read',
    query: z.object({ expand: z.string().optional() }),
    body: z.array(asked).min(1).max(MOST_SIMULATIONS),
    responses: { 200: z.array(evaluation) },
    async handle({ env, query, body, request }) {
      await requireScope(env, 'okta.users.read', request);
      const expand = (query.expand ?? '').split(',').map((name) => name.trim().toUpperCase());
      const evaluations = [];
      for (const one of body) for (const type of typesOf(one)) evaluations.push(await evaluate(env, one, type, expand));
      return json(evaluations);
    },
  }),
];

function typesOf({ policyTypes }: z.output<typeof asked>): SimulatedType[] {
  return (policyTypes?.length ? policyTypes : [...simulatedTypes]).map((type) => {
    const known = simulatedTypes.find((one) => one === type);
    if (!known) throw invalid('policyTypes', `policyTypes: Only ${simulatedTypes.join(', ')} can be simulated`);
    return known;
  });
}

async function evaluate(
  env: Env,
  { appInstance, policyContext }: z.output<typeof asked>,
  type: SimulatedType,
  expand: readonly string[],
): Promise<z.input<typeof evaluation>> {
  await getApplication(env, appInstance);
  const { user, groups, ip, zones, risk, device } = policyContext;
  if (zones || risk || device)
    throw invalid(
      'policyContext',
      'policyContext: Zones are known by the address; risk and devices cannot be simulated',
    );
  const { id } = await getUser(env, user.id);
  const held = new Set(await listGroupIdsOfUser(env, id));
  if (groups?.ids.some((groupId) => !held.has(groupId)))
    throw invalid('policyContext', 'policyContext.groups: A user is simulated with the groups that they are in');
  const request = { ...env.request, ip: ip ?? env.request.ip };
  const { result, evaluated } = await simulate({ ...env, request }, type, id);
  const shown = ({ rules, ...policy }: PolicyVerdict) => (expand.includes('RULE') ? { ...policy, rules } : policy);
  return {
    status: null,
    policyType: [type],
    result: { policies: result ? [shown(result)] : [] },
    undefined: { policies: [] },
    ...(expand.includes('EVALUATED') ? { evaluated: { policies: evaluated.map(shown) } } : {}),
  };
}
