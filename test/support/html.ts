// Owns as much reading of HTML as tests need: the first form of a page and its fields.

export type Form = { action: string; method: string; fields: Record<string, string> };

export function formOf(html: string): Form | null {
  const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(html);
  if (!form) return null;
  const [, head = '', body = ''] = form;
  const attributes = attributesOf(head);
  const fields: Record<string, string> = {};
  for (const [, input = ''] of body.matchAll(/<input\b([^>]*)>/gi)) {
    const { name, value = '', type = 'text' } = attributesOf(input);
    if (name !== undefined && type !== 'submit' && type !== 'checkbox') fields[name] = value;
  }
  return { action: attributes.action ?? '', method: (attributes.method ?? 'get').toLowerCase(), fields };
}

export function unescapeHtml(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replaceAll(/&(#x[0-9a-f]+|#\d+|amp|lt|gt|quot|apos);/gi, (_, code: string) => {
    if (/^#x/i.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(2), 16));
    if (code.startsWith('#')) return String.fromCodePoint(Number(code.slice(1)));
    return names[code.toLowerCase()] ?? '';
  });
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = '', quoted, single, bare] of text.matchAll(
    /([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g,
  ))
    attributes[name.toLowerCase()] = unescapeHtml(quoted ?? single ?? bare ?? '');
  return attributes;
}
