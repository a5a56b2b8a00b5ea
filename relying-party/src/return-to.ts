// Owns: where a sign-in may bring its person back to: a path of this application and nothing else.
// Does not own: navigation.

const BASE = 'https://app.invalid';

/** The same-origin path that `value` names, or the fallback for whatever could lead elsewhere. */
export function safeReturnTo(value: unknown, forbiddenPaths: readonly string[] = [], fallback = '/'): string {
  if (typeof value !== 'string' || !value.startsWith('/')) return fallback;
  // Browsers read a backslash as a slash and drop tabs and line breaks, so "/\evil" and "/<tab>/evil" name another host.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\\\u0000-\u0020\u007f]/.test(value)) return fallback;
  if (value.startsWith('//') || !URL.canParse(value, BASE)) return fallback;
  const url = new URL(value, BASE);
  const path = url.pathname + url.search + url.hash;
  // Dot segments may leave a path that names a host: "/.//evil" becomes "//evil".
  if (url.origin !== BASE || path.startsWith('//')) return fallback;
  return forbiddenPaths.includes(url.pathname) ? fallback : path;
}
