// Owns: what the tabs of one application tell each other: tokens by message (never by storage), sign-outs, and whose turn
// it is to renew. Does not own: what a tab makes of it (browser.ts).
import type { TokenSet } from './protocol.ts';

export type TabMessage =
  | { type: 'tokens-wanted' }
  | { type: 'tokens'; tokens: TokenSet }
  /** `subject` is whose session ended. */
  | { type: 'signed-out'; subject: string };

export type Tabs = {
  tell: (message: TabMessage) => void;
  listen: (listener: (message: TabMessage) => void) => () => void;
  /** Runs the task while no other tab runs one; `waited` tells that another tab has just done so. */
  takeTurn: <T>(task: (waited: boolean) => Promise<T>) => Promise<T>;
  close: () => void;
};

const LONGEST_WAIT_MS = 20_000;

/** Tabs of the same origin, told apart by issuer and client; a browser without the means has one tab. */
export function createTabs(issuer: string, clientId: string): Tabs {
  const name = `gatehouse:${clientId}:${issuer}`;
  const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(name);
  const locks = globalThis.navigator?.locks;

  return {
    tell: (message) => channel?.postMessage(message),
    listen: (listener) => {
      const onMessage = (event: MessageEvent) => {
        if (isTabMessage(event.data)) listener(event.data);
      };
      channel?.addEventListener('message', onMessage);
      return () => channel?.removeEventListener('message', onMessage);
    },
    takeTurn: async (task) => (locks === undefined ? task(false) : takeTurnWith(locks, name, task)),
    close: () => channel?.close(),
  };
}

async function takeTurnWith<T>(locks: LockManager, name: string, task: (waited: boolean) => Promise<T>): Promise<T> {
  const free = await locks.request(name, { ifAvailable: true }, async (lock) =>
    lock === null ? undefined : { result: await task(false) },
  );
  if (free !== undefined) return free.result;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), LONGEST_WAIT_MS);
  let started = false;
  try {
    return await locks.request(name, { signal: patience.signal }, async () => {
      started = true;
      clearTimeout(timer);
      return task(true);
    });
  } catch (error) {
    // A tab that hangs must not sign the others out: after the wait each goes on alone.
    if (!started && patience.signal.aborted) return task(true);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function isTabMessage(value: unknown): value is TabMessage {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  if (value.type === 'tokens-wanted') return true;
  if (value.type === 'signed-out') return 'subject' in value && typeof value.subject === 'string';
  return value.type === 'tokens' && 'tokens' in value && typeof value.tokens === 'object' && value.tokens !== null;
}
