// Owns a server at which people sign in by somebody else's OpenID provider, and what tests ask of it again and again: a whole sign-in,
// what came of it, and why not. Not here: the provider (external-provider.ts).
import { afterAll, expect } from 'vitest';
import { type IssueOptions, type Said, startExternalProvider } from './external-provider.ts';
import { unique } from './guide.ts';
import { type LogEvent, managementApi } from './management-api.ts';
import { mustLeave } from './oauth.ts';
import { serverOfThisFile } from './server.ts';
import { newUserAgent, type UserAgent, type Visit } from './user-agent.ts';

export type Provider = { id: string; name: string };
type Policy = { provisioning?: object; accountLink?: object; subject?: object; [name: string]: unknown };
export type Session = { login: string; userId: string; amr: string[]; idp: { id: string; type: string } };

/** For one test file; all ends with it. */
export async function externalSignIns() {
  const server = await serverOfThisFile({ EGRESS_ALLOW: 'localhost' });
  const api = managementApi(server);
  const partner = await startExternalProvider();
  afterAll(() => partner.close());

  const makeProvider = (policy: Policy = {}, changes: object = {}) =>
    api.post<Provider>('/api/v1/idps', partner.definition(policy, changes));

  /** The authorization request with which a browser is sent away. */
  const start = async (agent: UserAgent, { id }: Provider, query = '') =>
    mustLeave(await agent.open(`/sso/idps/${id}${query}`));

  const sessionOf = async (agent: UserAgent): Promise<Session | null> => {
    const response = await agent.send(`${server.url}/api/v1/sessions/me`);
    return response.status === 200 ? ((await response.json()) as Session) : null;
  };

  /** A whole sign-in in a browser of its own, as the provider says it. */
  const signIn = async (provider: Provider, said: Said, options: IssueOptions = {}) => {
    const agent = newUserAgent(server);
    const visit = await agent.open(await partner.answer(await start(agent, provider), said, options));
    return { agent, visit, session: await sessionOf(agent) };
  };

  /** The reason that the log tells for the page's request id. */
  const reasonOf = async (visit: Visit): Promise<string | null> => {
    const id = /<dt>Request ID<\/dt><dd><code>([^<]+)</.exec(visit.html)?.[1] ?? 'none';
    const events = await api.get<LogEvent[]>(`/api/v1/logs?filter=${encodeURIComponent(`transaction.id eq "${id}"`)}`);
    return events.find(({ outcome }) => outcome.result === 'FAILURE')?.outcome.reason ?? null;
  };

  /** Why nobody was signed in. */
  const refused = async (attempt: Promise<{ visit: Visit; session: Session | null }>): Promise<string | null> => {
    const { visit, session } = await attempt;
    expect([visit.status, session]).toEqual([400, null]);
    return reasonOf(visit);
  };

  return {
    server,
    api,
    partner,
    plain: await makeProvider(),
    makeProvider,
    start,
    sessionOf,
    signIn,
    reasonOf,
    refused,
  };
}

export function newName(): string {
  return `${unique('grace').replace(' ', '-')}@example.com`;
}

/** Somebody whom this server does not know yet. */
export function person(email = newName()): { sub: string; email: string } {
  return { sub: unique('sub'), email };
}
