// Owns the plain conditions of group rules, "attribute, comparison, value", and how each is written in the expression language.

export const comparisons = {
  equals: 'Equals',
  differs: 'Does not equal',
  starts: 'Starts with',
  contains: 'Contains',
} as const;

export type Comparison = keyof typeof comparisons;
export type PlainCondition = { attribute: string; comparison: Comparison; value: string };

/** Within quotes, the language writes the quote twice. */
export function expressionOf({ attribute, comparison, value }: PlainCondition): string {
  const text = `"${value.replaceAll('"', '""')}"`;
  return {
    equals: `user.${attribute}==${text}`,
    differs: `user.${attribute}!=${text}`,
    starts: `String.startsWith(user.${attribute}, ${text})`,
    contains: `String.stringContains(user.${attribute}, ${text})`,
  }[comparison];
}

const TEXT = /"((?:[^"]|"")*)"/.source;
const FORMS: readonly [Comparison, RegExp][] = [
  ['equals', new RegExp(`^user\\.(\\w+)\\s*==\\s*${TEXT}$`)],
  ['differs', new RegExp(`^user\\.(\\w+)\\s*!=\\s*${TEXT}$`)],
  ['starts', new RegExp(`^String\\.startsWith\\(\\s*user\\.(\\w+)\\s*,\\s*${TEXT}\\s*\\)$`)],
  ['contains', new RegExp(`^String\\.stringContains\\(\\s*user\\.(\\w+)\\s*,\\s*${TEXT}\\s*\\)$`)],
];

/** The plain condition that an expression says; null when it says more. */
export function plainConditionOf(expression: string): PlainCondition | null {
  for (const [comparison, form] of FORMS) {
    const [, attribute, text] = form.exec(expression.trim()) ?? [];
    if (attribute !== undefined && text !== undefined)
      return { attribute, comparison, value: text.replaceAll('""', '"') };
  }
  return null;
}
