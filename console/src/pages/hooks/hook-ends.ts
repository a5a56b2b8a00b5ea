// Owns what ends when a hook is turned off or deleted, in the words of the question before it.

export const EVENT_HOOK_ENDS = {
  onDeactivate: 'Its service is told nothing until it is activated again, and never of what happens meanwhile.',
  onDelete: 'Its service is told nothing more, and what it still had to be told is forgotten.',
};

export const INLINE_HOOK_ENDS = {
  onDeactivate:
    'Tokens are issued without asking its service: what it adds to them, or refuses, is missing from now on.',
  onDelete: 'Rules that use it go on without it. It cannot be brought back.',
};
