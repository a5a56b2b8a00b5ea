// Owns the list of the sign-in surface's routes. Not here: what each does.
import type { Route } from '../http/route.ts';

export const signInRoutes: readonly Route[] = [];
