// Owns: what sign-in needs from a browser's page, named, so that its logic runs under test without one.
// Does not own: any decision.
import type { Fetch } from './discovery.ts';
import { askInHiddenFrame } from './silent-frame.ts';
import { createTabs, type Tabs } from './tabs.ts';
import type { TabStorage } from './transaction.ts';

export type Page = {
  origin: string;
  url: () => URL;
  navigate: (url: string) => void;
  storage: TabStorage;
  fetch: Fetch;
  now: () => number;
  /** Calls back after this time; answers how to call it off. */
  later: (milliseconds: number, task: () => void) => () => void;
  /** Calls back when the person looks at the page again; answers how to stop. */
  onReturn: (task: () => void) => () => void;
  askInHiddenFrame: (url: string, timeoutMs: number) => Promise<URLSearchParams>;
  tabs: (issuer: string, clientId: string) => Tabs;
};

export function browserPage(): Page {
  return {
    origin: location.origin,
    url: () => new URL(location.href),
    navigate: (url) => location.assign(url),
    storage: sessionStorage,
    fetch: (url, init) => fetch(url, init),
    now: Date.now,
    later: (milliseconds, task) => {
      const timer = setTimeout(task, milliseconds);
      return () => clearTimeout(timer);
    },
    onReturn: (task) => {
      const onChange = () => {
        if (document.visibilityState === 'visible') task();
      };
      document.addEventListener('visibilitychange', onChange);
      addEventListener('online', onChange);
      return () => {
        document.removeEventListener('visibilitychange', onChange);
        removeEventListener('online', onChange);
      };
    },
    askInHiddenFrame,
    tabs: createTabs,
  };
}
