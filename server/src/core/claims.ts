// Owns the list of claims of a custom authorization server: the system ones that it starts with and those that an administrator
// adds. Not here: where a standard claim's value comes from (standard-claims.ts) and what a token carries (identity-claims.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import type { GroupsClaim } from './application-settings.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';
import { ExpressionError } from './expressions/expression-error.ts';
import { parseExpression } from './expressions/parse-expression.ts';
import { patternOf } from './expressions/pattern.ts';
import { invalid, notFound } from './refusal.ts';
import { standardClaims } from './standard-claims.ts';
import { record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export type Claim = {
  id: string;
  name: string;
  status: 'ACTIVE' | 'INACTIVE';
  /** RESOURCE: of access tokens. IDENTITY: of ID tokens and userinfo. */
  claimType: 'RESOURCE' | 'IDENTITY';
  valueType: 'EXPRESSION' | 'GROUPS' | 'SYSTEM';
  /** The expression, or what group names are compared with; null for SYSTEM. */
  value: string | null;
  groupFilterType: 'STARTS_WITH' | 'EQUALS' | 'CONTAINS' | 'REGEX' | null;
  /** The claim needs one of these scopes; none: it needs no scope. */
  scopes: string[];
  system: boolean;
  /** IDENTITY: in thin ID tokens too. RESOURCE: always true. */
  alwaysIncludeInToken: boolean;
};

export type ClaimInput = Omit<Claim, 'id' | 'system' | 'status'> & {
  /** Not given: it stays as it is; ACTIVE for a new claim. */
  status: Claim['status'] | undefined;
};

type Owner = Pick<AuthorizationServer, 'id' | 'kind'>;

// What a token says of itself cannot be said by a claim. The aud of an access token is its server's audience.
const reservedNames: Readonly<Record<Claim['claimType'], string>> = {
  RESOURCE: 'acr aud auth_time cid cnf exp iat iss jti nbf scp uid ver',
  IDENTITY: 'acr amr at_hash aud auth_time azp c_hash exp iat idp iss jti nbf nonce sid sub ver',
};

/** Whether this name belongs to what a token says of itself. */
export function isReservedClaimName(claimType: Claim['claimType'], name: string): boolean {
  return reservedNames[claimType].split(' ').includes(name);
}

/** The name of a person in the application, or the client's when it acts for itself: what an access token is about. */
export const SUB_EXPRESSION = '(appuser != null) ? appuser.userName : app.clientId';

/** What every custom server starts with. */
export const systemClaims: readonly ClaimInput[] = [
  ...standardClaims.map(({ name, scope, always }) => systemClaim(name, 'SYSTEM', null, [scope], always)),
  systemClaim('sub', 'EXPRESSION', SUB_EXPRESSION, [], true),
];

/** All claims of a custom server: the system ones first, then an administrator's in the order of their making. */
export async function listClaims(env: Env, server: Owner): Promise<readonly Claim[]> {
  return (await remembered(env, 'claims', server.id, () => readClaims(env, server))) ?? [];
}

/** The claim as the database has it now. Throws E0000007. */
export async function getClaim(env: Env, server: Owner, id: string): Promise<Claim> {
  const row = await env.db
    .selectFrom('claims')
    .selectAll()
    .where('id', '=', id)
    .where('authorization_server_id', '=', server.id)
    .executeTakeFirst();
  if (!row) throw notFound(id, 'OAuth2Claim');
  return toClaim(row);
}

export async function createClaim(env: Env, server: AuthorizationServer, input: ClaimInput): Promise<Claim> {
  if (input.valueType === 'SYSTEM') throw invalid('valueType', 'valueType: A claim of type SYSTEM cannot be created');
  refuseClaim(input);
  const id = newId(env, idPrefixes.claim);
  const claim: Claim = { ...settled(input), id, status: input.status ?? 'ACTIVE', system: false };
  await transact(env, async (env) => {
    await insertClaim(env, server, claim);
    await recordChange(env, 'oauth2.claim.created', 'OAuth2 claim is created', server, claim);
  });
  forgetClaims(env);
  return claim;
}

/** Replaces a claim. Of a system claim only the status, the inclusion and the expression (if it has one) can change. */
export async function updateClaim(
  env: Env,
  server: AuthorizationServer,
  id: string,
  input: ClaimInput,
): Promise<Claim> {
  const claim = await transact(env, async (env) => {
    const known = await getClaim(env, server, id);
    if (known.system) refuseSystemChange(known, input);
    else if (input.valueType === 'SYSTEM')
      throw invalid('valueType', 'valueType: Only system claims are of type SYSTEM');
    else refuseClaim(input);
    const scopes = known.system ? known.scopes : input.scopes;
    const claim: Claim = { ...known, ...settled(input), scopes, status: input.status ?? known.status };
    await refusingTakenName(
      'claim_type_name',
      env.db.updateTable('claims').set(columnsOf(claim)).where('id', '=', id).execute(),
    );
    await recordChange(env, 'oauth2.claim.updated', 'OAuth2 claim is updated', server, claim);
    return claim;
  });
  forgetClaims(env);
  return claim;
}

export async function deleteClaim(env: Env, server: AuthorizationServer, id: string): Promise<void> {
  await transact(env, async (env) => {
    const claim = await getClaim(env, server, id);
    if (claim.system) throw invalid('claim', 'claim: A system claim cannot be deleted');
    await env.db.deleteFrom('claims').where('id', '=', id).execute();
    await recordChange(env, 'oauth2.claim.deleted', 'OAuth2 claim is deleted', server, claim);
  });
  forgetClaims(env);
}

/** The system claims that every custom server starts with. */
export async function insertSystemClaims(env: Env, server: Owner): Promise<void> {
  for (const claim of systemClaims)
    await insertClaim(env, server, { ...claim, id: newId(env, idPrefixes.claim), status: 'ACTIVE', system: true });
}

export async function deleteClaims(env: Env, serverId: string): Promise<void> {
  await env.db.deleteFrom('claims').where('authorization_server_id', '=', serverId).execute();
}

/** What this process remembers of claims is forgotten; call it after a change has committed. */
export function forgetClaims(env: Env): void {
  forget(env, 'claims');
}

function systemClaim(
  name: string,
  valueType: 'SYSTEM' | 'EXPRESSION',
  value: string | null,
  scopes: string[],
  alwaysIncludeInToken: boolean,
): ClaimInput {
  const claimType = valueType === 'SYSTEM' ? 'IDENTITY' : 'RESOURCE';
  return { name, status: 'ACTIVE', claimType, valueType, value, groupFilterType: null, scopes, alwaysIncludeInToken };
}

/** The parts that follow from others: a resource claim is always included, a filter belongs to groups alone. */
function settled(input: ClaimInput): ClaimInput {
  return {
    ...input,
    groupFilterType: input.valueType === 'GROUPS' ? input.groupFilterType : null,
    alwaysIncludeInToken: input.claimType === 'RESOURCE' || input.alwaysIncludeInToken,
  };
}

function refuseClaim(input: ClaimInput): void {
  const { name, claimType, valueType, value, groupFilterType } = input;
  if (isReservedClaimName(claimType, name)) throw invalid('name', `name: '${name}' is a reserved name`);
  if (!/^[\x21-\x7e]+$/.test(name)) throw invalid('name', 'name: A claim name consists of printable ASCII characters');
  if (value === null || value === '') throw invalid('value', 'value: The field cannot be left blank');
  if (valueType === 'GROUPS' && groupFilterType === null)
    throw invalid('group_filter_type', 'group_filter_type: The field cannot be left blank');
  refuseUnreadableValue({ valueType, value, groupFilterType });
}

/** Throws E0000001 for an expression or a regular expression that can never be evaluated. What names are for shows at each token. */
function refuseUnreadableValue({
  valueType,
  value,
  groupFilterType,
}: Pick<ClaimInput, 'valueType' | 'value' | 'groupFilterType'>): void {
  try {
    if (valueType === 'EXPRESSION') parseExpression(value ?? '', 'claims');
    if (valueType === 'GROUPS' && groupFilterType === 'REGEX') patternOf(value ?? '');
  } catch (error) {
    if (error instanceof ExpressionError) throw invalid('value', `value: ${error.message}`);
    throw error;
  }
}

/** As createClaim, for the claim of groups that an application has in ID tokens of the org server. */
export function refuseGroupsClaim({ name, valueType, value, groupFilterType }: GroupsClaim): void {
  if (isReservedClaimName('IDENTITY', name)) throw invalid('name', `name: '${name}' is a reserved name`);
  refuseUnreadableValue({ valueType, value, groupFilterType: (groupFilterType ?? null) as Claim['groupFilterType'] });
}

function refuseSystemChange(known: Claim, input: ClaimInput): void {
  for (const field of ['name', 'claimType', 'valueType'] as const)
    if (known[field] !== input[field]) throw invalid(field, `${field}: This field of a system claim cannot be changed`);
  if (known.valueType === 'EXPRESSION' && !input.value) throw invalid('value', 'value: The field cannot be left blank');
  refuseUnreadableValue(input);
  if (known.valueType === 'SYSTEM' && input.value) throw invalid('value', 'value: A claim of type SYSTEM has no value');
}

async function readClaims(env: Env, server: Owner): Promise<Claim[]> {
  const rows = await env.db
    .selectFrom('claims')
    .selectAll()
    .where('authorization_server_id', '=', server.id)
    .orderBy('id')
    .execute();
  const place = ({ system, name }: Claim) =>
    system ? systemClaims.findIndex((claim) => claim.name === name) : systemClaims.length;
  return rows.map(toClaim).sort((one, other) => place(one) - place(other));
}

/** The columns are written by this module alone, so their texts are of these types. */
function toClaim(row: Row<'claims'>): Claim {
  return {
    id: row.id,
    name: row.name,
    status: row.status as Claim['status'],
    claimType: row.claim_type as Claim['claimType'],
    valueType: row.value_type as Claim['valueType'],
    value: row.value,
    groupFilterType: row.group_filter_type as Claim['groupFilterType'],
    scopes: row.scopes,
    system: row.system === 1,
    alwaysIncludeInToken: row.always_include_in_token === 1,
  };
}

function columnsOf(claim: Claim) {
  return {
    name: claim.name,
    status: claim.status,
    claim_type: claim.claimType,
    value_type: claim.valueType,
    value: claim.value,
    group_filter_type: claim.groupFilterType,
    scopes: toJson(claim.scopes),
    always_include_in_token: claim.alwaysIncludeInToken ? 1 : 0,
  };
}

async function insertClaim(env: Env, server: Owner, claim: Claim): Promise<void> {
  const keys = { id: claim.id, authorization_server_id: server.id, system: claim.system ? 1 : 0 };
  await refusingTakenName(
    'claim_type_name',
    env.db
      .insertInto('claims')
      .values({ ...keys, ...columnsOf(claim) })
      .execute(),
  );
}

async function recordChange(
  env: Env,
  eventType: string,
  displayMessage: string,
  server: AuthorizationServer,
  { id, name }: Claim,
): Promise<void> {
  await record(env, {
    eventType,
    displayMessage,
    target: [
      { id, type: 'OAuth2Claim', alternateId: name, displayName: name },
      { id: server.id, type: 'AuthorizationServer', alternateId: server.name, displayName: server.name },
    ],
  });
}
