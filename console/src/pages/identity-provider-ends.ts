// Owns what ends when an identity provider is turned off or deleted, in the words of the question before it.

export const ENDS_WITH_ACTIVITY =
  'Nobody can sign in by it until it is activated again. Who has no password here cannot sign in at all meanwhile.';
export const ENDS_WITH_IT =
  'What it knew of people is forgotten with it. Their accounts stay, but who has no password here cannot sign in any more.';
