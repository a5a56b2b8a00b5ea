// Owns: telling listeners what happened. Does not own: what happens.

export function createEvents<Events extends Record<string, unknown>>() {
  const listeners = new Map<keyof Events, Set<(details: never) => void>>();
  return {
    emit: <E extends keyof Events>(event: E, details: Events[E]): void => {
      for (const listener of [...(listeners.get(event) ?? [])] as ((details: Events[E]) => void)[]) {
        try {
          listener(details);
        } catch (error) {
          // A listener's bug is reported as its own, and does not reach the session.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
    on: <E extends keyof Events>(event: E, listener: (details: Events[E]) => void): (() => void) => {
      const known = listeners.get(event) ?? new Set();
      known.add(listener);
      listeners.set(event, known);
      return () => known.delete(listener);
    },
  };
}
