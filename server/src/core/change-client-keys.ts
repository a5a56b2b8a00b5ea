// Owns changes of a client's public keys one by one; the keys themselves are part of the application (`settings.oauthClient.jwks`).
// Not here: what a key must be (client-keys.ts).
import type { ClientKey } from './application-settings.ts';
import { type Application, applicationTarget, forgetApplications, lockOAuthClient } from './applications.ts';
import { saveApplication } from './change-applications.ts';
import { type GivenKey, objectionsToKeys, toClientKey } from './client-keys.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

/** Throws E0000007. */
export function getClientKey(client: Application, id: string): ClientKey {
  const key = keysOf(client).find((one) => one.id === id);
  if (!key) throw notFound(id, 'JsonWebKey');
  return key;
}

/** Throws E0000001 for what is no public key, a kid that is taken, or one key too many. */
export async function addClientKey(env: Env, applicationId: string, given: GivenKey): Promise<ClientKey> {
  const added = toClientKey(env, given, []);
  await changeKeys(env, applicationId, added, 'create', (keys) => {
    const causes = objectionsToKeys([...keys, given]);
    if (causes.length > 0) throw invalid('jwks', ...causes);
    return [...keys, added];
  });
  return added;
}

/** Throws E0000007. */
export async function setClientKeyStatus(
  env: Env,
  applicationId: string,
  id: string,
  status: 'ACTIVE' | 'INACTIVE',
): Promise<ClientKey> {
  const change = status === 'ACTIVE' ? 'activate' : 'deactivate';
  const changed = await changeKeys(env, applicationId, { id }, change, (keys, client) => {
    const before = getClientKey(client, id);
    return keys.map((key) => (key === before ? { ...key, status } : key));
  });
  return getClientKey(changed, id);
}

/** Throws E0000007, and E0000001 while the key is active. */
export async function deleteClientKey(env: Env, applicationId: string, id: string): Promise<void> {
  await changeKeys(env, applicationId, { id }, 'delete', (keys, client) => {
    const before = getClientKey(client, id);
    if (before.status === 'ACTIVE') throw invalid('status', 'status: An active key cannot be deleted');
    return keys.filter((key) => key !== before);
  });
}

function keysOf(client: Application): ClientKey[] {
  return client.settings.oauthClient.jwks?.keys ?? [];
}

async function changeKeys(
  env: Env,
  applicationId: string,
  { id }: { id?: string | undefined },
  change: 'create' | 'activate' | 'deactivate' | 'delete',
  next: (keys: ClientKey[], client: Application) => ClientKey[],
): Promise<Application> {
  const changed = await transact(env, async (env) => {
    const client = await lockOAuthClient(env, applicationId);
    const { jwks: _, ...settings } = client.settings.oauthClient;
    if (settings.jwks_uri) throw invalid('jwks', "jwks: The keys of this client are fetched from its 'jwks_uri'");
    const keys = next(keysOf(client), client);
    const oauthClient = keys.length > 0 ? { ...settings, jwks: { keys } } : settings;
    const changed: Application = {
      ...client,
      settings: { ...client.settings, oauthClient },
      last_updated: env.now(),
    };
    await saveApplication(env, changed);
    await record(env, {
      eventType: `app.oauth2.credentials.lifecycle.${change}`,
      displayMessage: `OAuth client key: ${change}`,
      target: [
        applicationTarget(client),
        { id: id ?? '', type: 'JsonWebKey', alternateId: id ?? '', displayName: id ?? '' },
      ],
    });
    return changed;
  });
  forgetApplications(env);
  return changed;
}
