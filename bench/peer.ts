// Owns the peer: npm oidc-provider as its documentation sets it up, storage in Maps, RS256 2048, JWT access tokens for the
// resource that is asked for, every person signed in and every grant given without a page. Started by the benchmarks as a child.
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const port = Number(process.env.PORT);
const issuer = `http://127.0.0.1:${port}`;
const RESOURCE = 'urn:bench:api';
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

type Stored = { payload: Record<string, unknown>; expiresAt: number };
const stored = new Map<string, Stored>();
const grants = new Map<string, Set<string>>();

class MapAdapter {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  key(id: string) {
    return `${this.name}:${id}`;
  }
  async upsert(id: string, payload: Record<string, unknown>, expiresIn: number) {
    stored.set(this.key(id), { payload, expiresAt: Date.now() + expiresIn * 1000 });
    const { grantId, uid } = payload;
    if (typeof grantId === 'string') grants.set(grantId, (grants.get(grantId) ?? new Set()).add(this.key(id)));
    if (this.name === 'Session' && typeof uid === 'string')
      stored.set(`uid:${uid}`, { payload: { id }, expiresAt: Number.POSITIVE_INFINITY });
  }
  async find(id: string) {
    const found = stored.get(this.key(id));
    return found && found.expiresAt > Date.now() ? found.payload : undefined;
  }
  async findByUserCode() {
    return undefined;
  }
  async findByUid(uid: string) {
    const id = stored.get(`uid:${uid}`)?.payload.id;
    return typeof id === 'string' ? this.find(id) : undefined;
  }
  async consume(id: string) {
    const found = stored.get(this.key(id));
    if (found) found.payload.consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id: string) {
    stored.delete(this.key(id));
  }
  async revokeByGrantId(grantId: string) {
    for (const key of grants.get(grantId) ?? []) stored.delete(key);
    grants.delete(grantId);
  }
}

const provider = new Provider(issuer, {
  adapter: MapAdapter as never,
  jwks: { keys: [{ ...key, alg: 'RS256', use: 'sig', kid: 'bench' }] } as never,
  cookies: { keys: ['bench'] },
  clients: [
    {
      client_id: 'service',
      client_secret: 'service-secret-service-secret-service',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    {
      client_id: 'browser',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['https://bench.example/callback'],
      token_endpoint_auth_method: 'none',
    },
  ],
  scopes: ['openid', 'profile', 'email', 'offline_access', 'read'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, name: 'Bench Person', preferred_username: id, email: `${id}@example.com` }),
  }),
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => [],
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'read openid profile email offline_access',
        audience: RESOURCE,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  rotateRefreshToken: true,
  // The peer grants offline_access only under prompt=consent; the benchmark wants a refresh token without a page.
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: async (ctx) => {
    const { client, session, params } = ctx.oidc;
    const existing = client && session?.grantIdFor(client.clientId);
    if (existing) return ctx.oidc.provider.Grant.find(existing);
    const grant = new ctx.oidc.provider.Grant({
      clientId: client?.clientId ?? '',
      accountId: session?.accountId ?? '',
    });
    grant.addOIDCScope('openid profile email offline_access');
    grant.addResourceScope(RESOURCE, 'read openid profile email offline_access');
    void params;
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: 'person' } });
  ctx.respond = false;
});

const server = provider.listen(port, '127.0.0.1');
// As long as Gatehouse's: while that is measured, the load's connections to the peer are idle.
server.keepAliveTimeout = 65_000;
