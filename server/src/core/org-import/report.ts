// Owns what an import has to tell: what did not come along, and what came otherwise than it was.

export type Remark = { about: string; name: string; says: string };

export type Report = {
  add(about: string, name: string, says: string): void;
  remarks(): readonly Remark[];
};

export function createReport(): Report {
  const remarks: Remark[] = [];
  return {
    add: (about, name, says) => void remarks.push({ about, name, says }),
    remarks: () => remarks,
  };
}

const MOST_NAMES = 20;

/** As lines to read: what is said of several is said once. */
export function printReport(remarks: readonly Remark[]): string {
  if (remarks.length === 0) return 'Everything came along.\n';
  const said = Map.groupBy(remarks, ({ about, says }) => `${about}: ${says}`);
  const lines = [...said].map(([text, some]) => {
    const names = [...new Set(some.map(({ name }) => name).filter((name) => name !== ''))];
    const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
    return names.length === 0 ? `! ${text}` : `! ${text}\n    ${names.slice(0, MOST_NAMES).join(', ')}${more}`;
  });
  return `What did not come along, or not as it was:\n${lines.join('\n')}\n`;
}
