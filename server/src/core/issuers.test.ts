import { afterEach, describe, expect, it } from 'vitest';
import { orgAuthorizationServer } from './authorization-servers.ts';
import type { Env } from './env.ts';
import { endpointBase, type IssuerMode, issuerOf } from './issuers.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
afterEach(() => world.close());

async function at(origin: string, domains: string): Promise<Env> {
  world = await createTestEnv({ settings: domains === '' ? {} : { GATEHOUSE_DOMAINS: domains } });
  return { ...world.env, request: { ...world.env.request, origin } };
}

const custom = (issuerMode: IssuerMode) => ({ kind: 'custom', pathId: 'aus1', issuerMode }) as const;

describe('an issuer', () => {
  it.each([
    ['ORG_URL', 'https://sso.example.com/oauth2/aus1'],
    ['CUSTOM_URL', 'https://id.example.org/oauth2/aus1'],
    ['DYNAMIC', 'https://login.example.org/oauth2/aus1'],
  ] as const)('of mode %s is named for %s', async (mode, issuer) => {
    const env = await at('https://login.example.org', 'id.example.org,login.example.org');
    expect(issuerOf(env, custom(mode))).toBe(issuer);
    expect(endpointBase(env, custom(mode))).toBe(issuer);
  });

  it('of mode CUSTOM_URL falls back to the org when its last domain is gone', async () => {
    expect(issuerOf(await at('https://sso.example.com', ''), custom('CUSTOM_URL'))).toBe(
      'https://sso.example.com/oauth2/aus1',
    );
  });

  it('of the org server has no path, and its endpoints have none but /oauth2', async () => {
    const env = await at('https://sso.example.com', '');
    expect(issuerOf(env, orgAuthorizationServer(env))).toBe('https://sso.example.com');
    expect(endpointBase(env, orgAuthorizationServer(env))).toBe('https://sso.example.com/oauth2');
  });
});
