// Owns the one spelling under which a name is compared: login, e-mail, group name, label. Two texts are the same name exactly
// when their keys are equal; uniqueness, look-up, lock-out and policy all use the key.

/** Unicode NFKC, surrounding white space dropped, lower case. */
export function textKey(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}

/** The half-open range of keys that begin with this prefix, for an indexed prefix search without LIKE. */
export function prefixRange(prefix: string): { from: string; before: string } {
  return { from: prefix, before: `${prefix}\u{10FFFF}` };
}
