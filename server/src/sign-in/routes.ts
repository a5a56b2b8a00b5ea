// Owns the list of the sign-in surface's routes. Not here: what each does.
import type { Route } from '../http/route.ts';
import { accountFactorRoutes } from './account-factors.ts';
import { accountHistoryRoutes } from './account-history.ts';
import { accountPasswordRoutes } from './account-password.ts';
import { accountProfileRoutes } from './account-profile.ts';
import { accountSessionRoutes } from './account-sessions.ts';
import { changePasswordRoutes } from './change-password.ts';
import { enrollFactorRoutes } from './enroll-factor.ts';
import { externalSignInRoutes } from './external-sign-in.ts';
import { homeRoutes } from './home.ts';
import { passwordLinkRoutes } from './password-links.ts';
import { sessionCookieRedirectRoutes } from './session-cookie-redirect.ts';
import { setUpRoutes } from './set-up.ts';
import { signInPageRoutes } from './sign-in.ts';
import { verifyFactorRoutes } from './verify-factor.ts';

export const signInRoutes: readonly Route[] = [
  ...homeRoutes,
  ...accountProfileRoutes,
  ...accountPasswordRoutes,
  ...accountFactorRoutes,
  ...accountSessionRoutes,
  ...accountHistoryRoutes,
  ...signInPageRoutes,
  ...externalSignInRoutes,
  ...changePasswordRoutes,
  ...verifyFactorRoutes,
  ...enrollFactorRoutes,
  ...passwordLinkRoutes,
  ...setUpRoutes,
  ...sessionCookieRedirectRoutes,
];
