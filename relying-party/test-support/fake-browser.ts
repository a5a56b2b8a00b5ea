// Owns: pages and tabs without a browser, for the tests of sign-in. Does not own: the provider they meet (fake-provider.ts).
import type { Page } from '../src/page.ts';
import { SignInError } from '../src/sign-in-error.ts';
import type { TabMessage } from '../src/tabs.ts';
import type { FakeProvider } from './fake-provider.ts';

export const ORIGIN = 'https://catalogue.example';

/** The tabs of one browser: they share a provider and hear each other. */
export function createFakeBrowser(provider: FakeProvider) {
  const listeners = new Set<{ listener: (message: TabMessage) => void; tab: number }>();
  let queue: Promise<unknown> = Promise.resolve();
  let busy = false;
  let tabCount = 0;

  function openTab(path = '/') {
    const tab = tabCount++;
    const timers = new Set<{ at: number; task: () => void }>();
    const stored = new Map<string, string>();
    const state = { url: new URL(path, ORIGIN), visited: [] as string[], framesAnswer: true, frames: 0, stored };

    const page: Page = {
      origin: ORIGIN,
      url: () => state.url,
      navigate: (url) => {
        state.visited.push(url);
      },
      storage: {
        getItem: (key) => stored.get(key) ?? null,
        setItem: (key, value) => void stored.set(key, value),
        removeItem: (key) => void stored.delete(key),
        key: (index) => [...stored.keys()][index] ?? null,
        get length() {
          return stored.size;
        },
      },
      fetch: provider.fetch,
      now: provider.now,
      later: (milliseconds, task) => {
        // Waits for other tabs end at once in a test; only renewals wait for the test's clock.
        if (milliseconds <= 3_000) {
          const timer = setTimeout(task, 0);
          return () => clearTimeout(timer);
        }
        const timer = { at: provider.now() + milliseconds, task };
        timers.add(timer);
        return () => timers.delete(timer);
      },
      onReturn: () => () => {},
      askInHiddenFrame: async (url) => {
        state.frames++;
        if (!state.framesAnswer) throw new SignInError('silent_timeout');
        return provider.authorize(url);
      },
      tabs: () => ({
        tell: (message) => {
          const copy = structuredClone(message);
          for (const each of listeners) if (each.tab !== tab) queueMicrotask(() => each.listener(copy));
        },
        listen: (listener) => {
          const entry = { listener, tab };
          listeners.add(entry);
          return () => listeners.delete(entry);
        },
        takeTurn: (task) => {
          const waited = busy;
          busy = true;
          const turn = queue.then(() => task(waited));
          queue = turn.then(
            () => {
              busy = false;
            },
            () => {
              busy = false;
            },
          );
          return turn;
        },
        close: () => {},
      }),
    };

    return {
      page,
      state,
      /** Follows the latest navigation to the provider and comes back to the callback. */
      comeBack: () => {
        const answer = provider.authorize(state.visited.at(-1) ?? '');
        state.url = new URL(`/callback?${answer}`, ORIGIN);
      },
      /** Runs the timers that the test's clock has reached. */
      runTimers: () => {
        for (const timer of [...timers])
          if (timer.at <= provider.now()) {
            timers.delete(timer);
            timer.task();
          }
      },
    };
  }

  return { openTab };
}
