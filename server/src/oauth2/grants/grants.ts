// Owns the list of grants: the token endpoint, discovery and the tests that walk every grant read it.
import type { AuthorizationServer } from '../../core/authorization-servers.ts';
import { authorizationCodeGrant } from './authorization-code.ts';
import { clientCredentialsGrant } from './client-credentials.ts';
import { deviceCodeGrant } from './device-code.ts';
import type { Grant } from './grant.ts';
import { jwtBearerGrant } from './jwt-bearer.ts';
import { passwordGrant } from './password.ts';
import { refreshTokenGrant } from './refresh-token.ts';
import { tokenExchangeGrant } from './token-exchange.ts';

const grants: readonly Grant[] = [
  authorizationCodeGrant,
  refreshTokenGrant,
  clientCredentialsGrant,
  passwordGrant,
  deviceCodeGrant,
  tokenExchangeGrant,
  jwtBearerGrant,
];

/** Those that this server offers. */
export function grantsOf({ kind }: Pick<AuthorizationServer, 'kind'>): readonly Grant[] {
  return kind === 'custom' ? grants : grants.filter((grant) => !grant.customServersOnly);
}
