// Owns a change of what a page shows: it is made, said, and the page reads again what it may have changed.
import { useRefresh } from '../queries.ts';
import { useAct } from './changes.ts';

/** `paths`: what is read again after each change. */
export function useChange(...paths: string[]) {
  const refresh = useRefresh();
  const { act, busy } = useAct();
  const change = (work: () => Promise<unknown>, done: string): Promise<boolean> =>
    act(async () => {
      await work();
      await refresh(...paths);
    }, done);
  return { change, busy };
}
