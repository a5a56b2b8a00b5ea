// Owns the shape of an authorization request while it is being decided.
import type { Application } from '../core/applications.ts';
import type { AuthorizationRequest } from '../core/authorization-requests.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Browser } from '../http/csrf.ts';
import type { AuthorizationParameters } from './authorization-parameters.ts';
import type { Parameters } from './parameters.ts';
import type { Channel } from './response-mode.ts';

/** All that is known of one authorization request while it is being decided. */
export type Pending = {
  server: AuthorizationServer;
  application: Application;
  channel: Channel;
  parameters: AuthorizationParameters;
  /** As given, to be kept; without the session token, which is used once. */
  given: Parameters;
  browser: Browser;
  /** The stored request when it came back from a page; null on its first arrival. */
  kept: { handle: string; row: AuthorizationRequest } | null;
  cookies: string[];
};
