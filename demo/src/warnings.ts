// Owns: one decision about Node's warnings. Does not own: any other.

/** Blanking types out is announced as experimental at each start; every other warning is still shown. */
export function quietExperimentalWarnings(): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') console.warn(`${warning.name}: ${warning.message}`);
  });
}
