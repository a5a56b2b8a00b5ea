// Owns a device that signs a person in by the device flow (RFC 8628), and that person in front of another screen.
import { formOf } from './html.ts';
import type { Answer } from './management-api.ts';
import {
  endpointsOf,
  type OAuthClient,
  type OAuthError,
  type Parameters,
  postForm,
  type TokenAnswer,
  withChanges,
} from './oauth.ts';
import type { Person, UserAgent, Visit } from './user-agent.ts';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export type DeviceCodes = {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
};

export function askForCodes(
  client: Omit<OAuthClient, 'redirectUri'>,
  changes: Parameters = {},
  headers: Record<string, string> = {},
): Promise<Answer<DeviceCodes & OAuthError>> {
  const form = withChanges({ client_id: client.clientId, scope: client.scope }, changes);
  return postForm(`${endpointsOf(client.issuer)}/device/authorize`, form, headers);
}

export function poll(
  client: Omit<OAuthClient, 'redirectUri'>,
  deviceCode: string,
  changes: Parameters = {},
): Promise<Answer<TokenAnswer & OAuthError>> {
  const form = { grant_type: DEVICE_GRANT, client_id: client.clientId, device_code: deviceCode };
  return postForm(`${endpointsOf(client.issuer)}/token`, withChanges(form, changes));
}

/** Opens the link that the device shows, continues with its code, signs in where asked: up to the page that asks for a decision. */
export async function openActivation(agent: UserAgent, codes: DeviceCodes, person: Person): Promise<Visit> {
  const visit = await agent.submit(await agent.open(codes.verification_uri_complete), {});
  return visit.url.pathname === '/signin'
    ? agent.submit(visit, { identifier: person.login, password: person.password })
    : visit;
}

/** Presses a button; `ticked` are the boxes of optional scopes that stay ticked. */
export function decide(
  agent: UserAgent,
  page: Visit,
  answer: 'allow' | 'deny',
  ticked: readonly string[] = [],
): Promise<Visit> {
  const form = new URLSearchParams({ ...fieldsOf(page.html), answer });
  for (const scope of ticked) form.append('scope', scope);
  return agent.open('/activate/confirm', form);
}

/** The whole way of a person who agrees. */
export async function activate(agent: UserAgent, codes: DeviceCodes, person: Person): Promise<void> {
  const done = await decide(agent, await openActivation(agent, codes, person), 'allow');
  if (done.status !== 200) throw new Error(`The device was not connected: ${done.status} ${done.html}`);
}

function fieldsOf(html: string): Record<string, string> {
  const form = formOf(html);
  if (!form || !('user_code' in form.fields)) throw new Error(`This page asks for no decision: ${html.slice(0, 2000)}`);
  return form.fields;
}
