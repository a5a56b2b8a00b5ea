// Owns: the life of a signed-in session in a page: beginning it, keeping it renewed, restoring it, ending it.
// Does not own: the protocol (protocol.ts), the other tabs' means (tabs.ts), anything that can be seen.
import { createEvents } from './events.ts';
import { readOptions, type SignInOptions } from './options.ts';
import { browserPage, type Page } from './page.ts';
import { createProtocol, type IdClaims, type TokenSet } from './protocol.ts';
import { safeReturnTo } from './return-to.ts';
import {
  asSignInError,
  endsSession,
  isInteractionNeeded,
  isOtherPerson,
  isPassing,
  isRefused,
  SignInError,
} from './sign-in-error.ts';
import { answerFromHiddenFrame } from './silent-frame.ts';
import type { TabMessage } from './tabs.ts';
import { createTransactions } from './transaction.ts';

export type User = {
  subject: string;
  name: string | undefined;
  username: string | undefined;
  email: string | undefined;
  /** Of the ID token. */
  claims: IdClaims;
};

export type ObtainedBy = 'sign-in' | 'refresh-token' | 'hidden-frame' | 'other-tab';

export type Session = {
  obtainedBy: ObtainedBy;
  /** Epoch milliseconds. */
  obtainedAt: number;
  /** Epoch milliseconds. */
  expiresAt: number;
  scopes: readonly string[];
  hasRefreshToken: boolean;
};

export type SignInEvents = {
  /** Signed in, renewed, or signed out. */
  changed: { user: User | undefined; session: Session | undefined };
  /** The session ended without the person asking for it. */
  expired: { reason: SignInError };
  /** Something failed in the background; the session goes on. */
  error: { error: SignInError };
};

export type SignIn = {
  /** Leaves for the sign-in page; the person comes back to /callback and then to `returnTo`, a path of this application. */
  signIn: (request?: { returnTo?: string; loginHint?: string; prompt?: 'login' }) => Promise<void>;
  handleCallback: () => Promise<{ user: User; returnTo: string }>;
  handleSilentCallback: () => void;
  /** Continues a session without showing anything: from another tab, or through the hidden frame. */
  restore: () => Promise<User | undefined>;
  /** Like restore, and leaves for the sign-in page when there is nothing to continue. */
  ensureSignedIn: (request?: { returnTo?: string }) => Promise<User | undefined>;
  getAccessToken: () => Promise<string>;
  renew: () => Promise<void>;
  renewSilently: () => Promise<void>;
  user: () => User | undefined;
  session: () => Session | undefined;
  /** Revokes the tokens and ends the session at the provider too. */
  signOut: () => Promise<void>;
  on: <E extends keyof SignInEvents>(event: E, listener: (details: SignInEvents[E]) => void) => () => void;
  close: () => void;
};

type Held = { tokens: TokenSet; obtainedBy: ObtainedBy };

const FRAME_TIMEOUT_MS = 10_000;
const LONGEST_LEAD_MS = 60_000;
const RETRY_MS = 10_000;
const TABS_ANSWER_MS = 150;
const TABS_NEWS_MS = 500;
const REVOKE_PATIENCE_MS = 3_000;
const LOOP = { key: 'gatehouse.attempts', attempts: 3, withinMs: 60_000 };

export function createSignIn(options: SignInOptions, page: Page = browserPage()): SignIn {
  const settings = readOptions(options, page.origin);
  const ownPaths = [settings.redirectUri, settings.silentRedirectUri].map((uri) => new URL(uri).pathname);
  const protocol = createProtocol({ ...settings, fetch: page.fetch, now: page.now });
  const transactions = createTransactions(page.storage, page.now);
  const tabs = page.tabs(settings.issuer, settings.clientId);
  const events = createEvents<SignInEvents>();

  let held: Held | undefined;
  let leaving = false;
  let renewing: Promise<void> | undefined;
  let restoring: Promise<User | undefined> | undefined;
  let callback: ReturnType<SignIn['handleCallback']> | undefined;
  let cancelTimer: () => void = () => {};
  const waiting = new Set<() => void>();

  const user = () => (held === undefined ? undefined : userOf(held.tokens));
  const session = () => (held === undefined ? undefined : sessionOf(held));
  const isDue = ({ tokens }: Held) => page.now() >= tokens.accessExpiresAt - leadOf(tokens);

  function changeTo(next: Held | undefined): void {
    cancelTimer();
    held = next;
    for (const wake of [...waiting]) wake();
    if (next !== undefined) renewLater(next);
    events.emit('changed', { user: user(), session: session() });
  }

  function hold(tokens: TokenSet, obtainedBy: ObtainedBy): void {
    changeTo({ tokens, obtainedBy });
    if (obtainedBy !== 'other-tab') tabs.tell({ type: 'tokens', tokens });
  }

  function end(reason: SignInError): void {
    if (held === undefined) return;
    tabs.tell({ type: 'signed-out', subject: held.tokens.claims.sub });
    changeTo(undefined);
    events.emit('expired', { reason });
  }

  function renewLater({ tokens }: Held): void {
    const lead = leadOf(tokens);
    // Spread, so that the tabs of one person do not all wake at once.
    const at = tokens.accessExpiresAt - lead - Math.random() * lead * 0.25;
    wakeIn(Math.max(0, at - page.now()));
  }

  function wakeIn(milliseconds: number): void {
    cancelTimer();
    cancelTimer = page.later(milliseconds, () => void renewInBackground());
  }

  async function renewInBackground(): Promise<void> {
    try {
      await renew();
    } catch (error) {
      if (held === undefined) return;
      events.emit('error', { error: asSignInError(error) });
      wakeIn(RETRY_MS);
    }
  }

  /** Resolves when the tokens change, or after this time. */
  function change(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        waiting.delete(wake);
        cancel();
        resolve();
      };
      const cancel = page.later(patienceMs, wake);
      waiting.add(wake);
    });
  }

  async function askSilently(): Promise<TokenSet> {
    const transaction = protocol.newTransaction(settings.silentRedirectUri, '/');
    const url = await protocol.authorizationUrl({ transaction, scopes: settings.scopes, prompt: 'none' });
    const tokens = await protocol.redeem(await page.askInHiddenFrame(url, FRAME_TIMEOUT_MS), transaction);
    if (held !== undefined && held.tokens.claims.sub !== tokens.claims.sub) throw new SignInError('different_person');
    return tokens;
  }

  async function refreshOrAsk({ tokens }: Held): Promise<[TokenSet, ObtainedBy]> {
    if (tokens.refreshToken === undefined) return [await askSilently(), 'hidden-frame'];
    try {
      return [await protocol.refresh(tokens), 'refresh-token'];
    } catch (refused) {
      if (!isRefused(refused, 'invalid_grant')) throw refused;
      // The provider's session may outlive the refresh token; if the frame fails too, the first reason is the telling one.
      return [
        await askSilently().catch((error: unknown) => {
          throw isOtherPerson(error) ? error : refused;
        }),
        'hidden-frame',
      ];
    }
  }

  /** One renewal at a time over all tabs; a tab that had to wait takes what the other one got. */
  async function inTurn(obtain: (before: Held) => Promise<[TokenSet, ObtainedBy]>): Promise<void> {
    const before = held;
    if (before === undefined) throw new SignInError('sign_in_required');
    await tabs.takeTurn(async (waited) => {
      if (waited && held === before) await change(TABS_NEWS_MS);
      if (held !== before) return;
      try {
        const [tokens, obtainedBy] = await obtain(before);
        if (held === before) hold(tokens, obtainedBy);
        else await protocol.revoke(tokens).catch(() => {});
      } catch (error) {
        if (held === before && endsSession(error)) end(asSignInError(error));
        throw error;
      }
    });
  }

  function renew(): Promise<void> {
    renewing ??= inTurn(refreshOrAsk).finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  async function restoreSession(): Promise<User | undefined> {
    tabs.tell({ type: 'tokens-wanted' });
    await change(TABS_ANSWER_MS);
    if (held !== undefined || leaving) return user();
    try {
      const tokens = await askSilently();
      if (held === undefined && !leaving) hold(tokens, 'hidden-frame');
    } catch (error) {
      if (isInteractionNeeded(error)) return undefined;
      if (!isPassing(error)) throw error;
      events.emit('error', { error: asSignInError(error) });
    }
    return user();
  }

  async function restore(): Promise<User | undefined> {
    if (held !== undefined || leaving) return user();
    restoring ??= restoreSession().finally(() => {
      restoring = undefined;
    });
    return restoring;
  }

  async function signIn(request: { returnTo?: string; loginHint?: string; prompt?: 'login' } = {}): Promise<void> {
    const { pathname, search, hash } = page.url();
    const returnTo = safeReturnTo(request.returnTo ?? pathname + search + hash, ownPaths);
    const transaction = protocol.newTransaction(settings.redirectUri, returnTo);
    const url = await protocol.authorizationUrl({
      transaction,
      scopes: settings.scopes,
      prompt: request.prompt,
      loginHint: request.loginHint,
    });
    transactions.begin(transaction);
    page.navigate(url);
  }

  /** Refuses to bounce between application and provider for ever. */
  function countAttempt(): void {
    const recent = readAttempts(page.storage.getItem(LOOP.key)).filter((at) => page.now() - at < LOOP.withinMs);
    if (recent.length >= LOOP.attempts) {
      page.storage.removeItem(LOOP.key);
      throw new SignInError('sign_in_loop');
    }
    page.storage.setItem(LOOP.key, JSON.stringify([...recent, page.now()]));
  }

  async function finishSignIn(): Promise<{ user: User; returnTo: string }> {
    const parameters = page.url().searchParams;
    const transaction = transactions.take(parameters.get('state') ?? '');
    // Without a known state the answer is a stranger's: its error text is not shown either.
    if (transaction === undefined) throw new SignInError('state_unknown');
    const tokens = await protocol.redeem(parameters, transaction);
    hold(tokens, 'sign-in');
    return { user: userOf(tokens), returnTo: safeReturnTo(transaction.returnTo, ownPaths) };
  }

  function hear(message: TabMessage): void {
    if (leaving) return;
    if (message.type === 'tokens-wanted') {
      if (held !== undefined && !isDue(held)) tabs.tell({ type: 'tokens', tokens: held.tokens });
    } else if (message.type === 'signed-out') {
      if (held?.tokens.claims.sub === message.subject) changeTo(undefined);
    } else if (held === undefined || message.tokens.receivedAt > held.tokens.receivedAt) {
      hold(message.tokens, 'other-tab');
    }
  }

  const stopListening = tabs.listen(hear);
  const stopWatching = page.onReturn(() => {
    if (held !== undefined && isDue(held)) void renewInBackground();
  });

  return {
    signIn,
    handleCallback: () => {
      callback ??= finishSignIn();
      return callback;
    },
    handleSilentCallback: answerFromHiddenFrame,
    restore,
    ensureSignedIn: async (request = {}) => {
      const restored = await restore();
      if (restored !== undefined || leaving) return restored;
      countAttempt();
      await signIn(request);
      return undefined;
    },
    getAccessToken: async () => {
      if (held === undefined) await restore();
      if (held !== undefined && isDue(held)) {
        await renew().catch((error: unknown) => {
          // A renewal that fails for now does not spoil a token that is still good.
          if (held === undefined || page.now() >= held.tokens.accessExpiresAt) throw error;
        });
      }
      if (held === undefined) throw new SignInError('sign_in_required');
      return held.tokens.accessToken;
    },
    renew,
    renewSilently: () => inTurn(async () => [await askSilently(), 'hidden-frame']),
    user,
    session,
    signOut: async () => {
      const before = held;
      leaving = true;
      if (before !== undefined) {
        tabs.tell({ type: 'signed-out', subject: before.tokens.claims.sub });
        changeTo(undefined);
        await Promise.race([protocol.revoke(before.tokens).catch(() => {}), change(REVOKE_PATIENCE_MS)]);
      }
      const url =
        before === undefined
          ? undefined
          : await protocol.logoutUrl(before.tokens.idToken, settings.postLogoutRedirectUri).catch(() => undefined);
      page.navigate(url ?? settings.postLogoutRedirectUri);
    },
    on: events.on,
    close: () => {
      cancelTimer();
      stopListening();
      stopWatching();
      tabs.close();
    },
  };
}

function userOf({ claims }: TokenSet): User {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    subject: claims.sub,
    name: text(claims.name),
    username: text(claims.preferred_username),
    email: text(claims.email),
    claims,
  };
}

function sessionOf({ tokens, obtainedBy }: Held): Session {
  return {
    obtainedBy,
    obtainedAt: tokens.receivedAt,
    expiresAt: tokens.accessExpiresAt,
    scopes: tokens.scopes,
    hasRefreshToken: tokens.refreshToken !== undefined,
  };
}

/** How long before its end a token is renewed: a minute, or a fifth of a short life. */
function leadOf(tokens: TokenSet): number {
  return Math.min(LONGEST_LEAD_MS, (tokens.accessExpiresAt - tokens.receivedAt) / 5);
}

function readAttempts(stored: string | null): number[] {
  try {
    const value: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(value) ? value.filter((at) => typeof at === 'number') : [];
  } catch {
    return [];
  }
}

export type { SignInOptions } from './options.ts';
// biome-ignore lint/performance/noBarrelFile: './browser' is all that callers can import, and they tell failures by this class
export { SignInError, type SignInErrorCode } from './sign-in-error.ts';
