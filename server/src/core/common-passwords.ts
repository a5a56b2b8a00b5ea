// Owns the notion of a password that everybody tries first: a short list of roots, seen through the usual disguises (digits and
// signs around them, letters replaced by look-alikes). Not here: whether a policy asks for it (password-policy.ts).

const ROOTS = new Set(
  `abc abcd access admin administrator apple asdf asdfgh asdfghjkl autumn baseball batman changeme charlie company computer
  default demo donald dragon football freedom gatehouse hello hockey iloveyou jordan killer letmein login london lovely master
  matrix michael monday monkey mustang ninja okta orange password passw pass princess qazwsx qwer qwert qwerty qwertyuiop root
  secret shadow soccer spring starwars summer sunshine superman temp temporary test testing trustno user welcome whatever winter
  zaq zxcvbn zxcvbnm`.split(/\s+/),
);

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};

/** Whether nothing is left of the password but a well-known root, or it is one run of digits or one repeated character. */
export function isCommonPassword(password: string): boolean {
  const lower = password.toLowerCase();
  if (/^\d+$/.test(lower) || /^(.)\1*$/u.test(lower)) return true;
  const bare = lower.replace(/^[^a-z@$]+/, '').replace(/[^a-z@$]+$/, '');
  return [bare, undisguised(bare, 'l'), undisguised(bare, 'i')].some((text) => ROOTS.has(text));
}

/** A 1 stands for an l or an i. */
function undisguised(text: string, one: string): string {
  return [...text].map((character) => (character === '1' ? one : (LOOK_ALIKES[character] ?? character))).join('');
}
