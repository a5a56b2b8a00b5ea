// Owns: a child's end when its parent is gone, however that came about: loaded into the server by the quickstart (--import).
// Does not own: how the server ends; it is asked to, as an operator would.

process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// The line to the parent alone is no reason to go on living.
process.channel?.unref();
