// Owns units and wire forms of time. Inside the house a moment is epoch milliseconds (a number); it leaves as text here.
// Not here: the clock itself, which arrives as env.now.

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Epoch milliseconds to `2026-11-24T10:00:00.000Z`. */
export function toIso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** As toIso; null stays null. */
export function toIsoOrNull(milliseconds: number | null): string | null {
  return milliseconds === null ? null : toIso(milliseconds);
}

/** Epoch milliseconds to whole epoch seconds (the NumericDate of RFC 7519). */
export function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / SECOND);
}

/** ISO 8601 text with a zone to epoch milliseconds; null when it is not a date. */
export function fromIso(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/.test(text)) return null;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? null : milliseconds;
}

/** The same day and time, so many years later. */
export function yearsAfter(milliseconds: number, years: number): number {
  const date = new Date(milliseconds);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}
