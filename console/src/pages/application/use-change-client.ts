// Owns changing a part of an application: the API replaces the whole of it, so the rest is read anew and sent along.
import { get, put } from '../../api.ts';
import { useRefresh } from '../../queries.ts';
import type { Application } from '../../types.ts';

/** `settings` and `credentials` are those of the OAuth client; null takes a field away. */
export type ClientChange = {
  label?: string;
  settings?: Record<string, unknown>;
  credentials?: Record<string, unknown>;
};

export function useChangeClient({ id }: Application): (change: ClientChange) => Promise<void> {
  const refresh = useRefresh();
  const path = `/api/v1/apps/${id}`;
  return async ({ label, settings = {}, credentials = {} }) => {
    const before = await get<Application>(path);
    await put(path, {
      ...before,
      ...(label === undefined ? {} : { label }),
      credentials: {
        userNameTemplate: before.credentials.userNameTemplate,
        oauthClient: { ...before.credentials.oauthClient, ...credentials },
      },
      settings: { ...before.settings, oauthClient: { ...before.settings.oauthClient, ...settings } },
    });
    await refresh('/api/v1/apps');
  };
}
