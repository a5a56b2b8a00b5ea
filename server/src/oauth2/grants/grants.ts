// Owns the list of grants: the token endpoint, discovery and the tests that walk every grant read it.
import { authorizationCodeGrant } from './authorization-code.ts';
import type { Grant } from './grant.ts';
import { refreshTokenGrant } from './refresh-token.ts';

export const grants: readonly Grant[] = [authorizationCodeGrant, refreshTokenGrant];
