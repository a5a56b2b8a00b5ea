// Owns what the answer of a token inline hook may change: add, replace or remove claims that are not the token's own, and set how
// long a token lives. All commands are carried out, or none. Pure.
import { type PatchOperation, patched, readPath } from '../base/json-patch.ts';
import type { PreparedToken, PreparedTokens } from './issue-tokens.ts';

export type Applied = { kind: 'done'; tokens: PreparedTokens } | { kind: 'refused'; why: string };

type Which = 'access' | 'identity';

const COMMANDS: Readonly<Record<string, Which>> = {
  'com.okta.access.patch': 'access',
  'com.okta.identity.patch': 'identity',
};
const OPERATIONS: readonly string[] = ['add', 'replace', 'remove'];

/** Claims that say what the token is, for whom and by whose leave. Okta's list, and what else this server relies on. */
const RESERVED: Readonly<Record<Which, ReadonlySet<string>>> = {
  access: words(
    'acr amr as_uri auth_time cid cnf exp groups iat iss jti may_act nbf rpt rsi scp token_type uid username ver act',
  ),
  identity: words(`
    acr active aid amr app_id app_type at_hash aud auth_time azp c_hash client_id client_ip client_req_id client_type
    client_user_agent cnf device_compliance device_id device_known device_managed device_name device_trust did dst exp group
    groups hotk iat idp idp_iss iss jti mac_key may_act nbf nonce oid okta_emailVerified okta_lastUpdated orig permissions
    purpose pwd_exp_days pwd_exp_time rid role s_hash scope scopes sid sub term token_type user_ip ver`),
};
/** Of an access token these may get another value, but stay. */
const REPLACEABLE = words('aud sub');

const SHORTEST_LIFETIME = 300;
const LONGEST_LIFETIME = 86_400;
const MOST_OPERATIONS = 200;
/** Characters of a token's claims, so that the token still fits where tokens are read. */
const LONGEST_CLAIMS = 40_000;

/** `commands`: as the service wrote them; missing: nothing is changed. */
export function applyCommands(tokens: PreparedTokens, commands: unknown): Applied {
  if (commands === undefined || commands === null) return { kind: 'done', tokens };
  if (!Array.isArray(commands)) return refused('The commands are no list');
  let changed = tokens;
  let operations = 0;
  for (const command of commands) {
    const { type, value } = objectOf(command);
    const which = typeof type === 'string' && Object.hasOwn(COMMANDS, type) ? COMMANDS[type] : undefined;
    if (which === undefined) return refused('A command is not known');
    const token = changed[which];
    if (!token) return refused(`There is no ${which === 'access' ? 'access' : 'ID'} token to change`);
    if (!Array.isArray(value)) return refused('The value of a command is no list of operations');
    operations += value.length;
    if (operations > MOST_OPERATIONS) return refused(`There are more than ${MOST_OPERATIONS} operations`);
    const result = applyOperations(token, which, value);
    if (typeof result === 'string') return refused(result);
    changed = { ...changed, [which]: result };
  }
  return { kind: 'done', tokens: changed };
}

/** The token changed, or why not. */
function applyOperations(token: PreparedToken, which: Which, operations: readonly unknown[]): PreparedToken | string {
  let { claims, lifetime } = token;
  for (const given of operations) {
    const { op, path: text, value } = objectOf(given);
    const path = typeof text === 'string' ? readPath(text) : null;
    if (typeof op !== 'string' || !OPERATIONS.includes(op) || !path) return 'An operation has no op or no path';
    if (path.join('/') === 'token/lifetime/expiration') {
      if (op !== 'replace' || !isLifetime(value))
        return `A lifetime is replaced by ${SHORTEST_LIFETIME} to ${LONGEST_LIFETIME} seconds`;
      lifetime = value;
      continue;
    }
    const problem = claimProblem(which, op, path, value);
    if (problem !== null) return problem;
    const operation = { op: op as PatchOperation['op'], path: path.slice(1), value };
    const next = patched(claims, [operation]);
    if (!next) return `${op} does not fit what is at ${text}`;
    claims = next;
  }
  return JSON.stringify(claims).length > LONGEST_CLAIMS ? 'The claims are too long' : { claims, lifetime };
}

function claimProblem(which: Which, op: string, path: readonly string[], value: unknown): string | null {
  const [root, name] = path;
  if (root !== 'claims' || name === undefined || name === '')
    return 'A path begins with /claims/ and the name of a claim';
  if (RESERVED[which].has(name)) return `The claim ${name} is the token's own`;
  if (op === 'remove') {
    if (value !== undefined && value !== null) return 'Something is removed without a value';
    return which === 'access' && REPLACEABLE.has(name) ? `The claim ${name} cannot be removed` : null;
  }
  if (value === undefined) return 'A value is missing';
  if (which === 'access' && REPLACEABLE.has(name)) return subjectProblem(name, path, value);
  return null;
}

function subjectProblem(name: string, path: readonly string[], value: unknown): string | null {
  const isText = (one: unknown) => typeof one === 'string' && one !== '';
  const fits = isText(value) || (name === 'aud' && Array.isArray(value) && value.length > 0 && value.every(isText));
  return fits && path.length === 2 ? null : `The claim ${name} is a text`;
}

function isLifetime(value: unknown): value is number {
  return (
    typeof value === 'number' && Number.isInteger(value) && value >= SHORTEST_LIFETIME && value <= LONGEST_LIFETIME
  );
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function refused(why: string): Applied {
  return { kind: 'refused', why };
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
