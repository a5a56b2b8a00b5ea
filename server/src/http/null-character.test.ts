import { describe, expect, test } from 'vitest';
import { addressWithoutNullCharacters, formWithoutNullCharacters, isStorable } from './null-character.ts';
import { readForm, readJson } from './read-body.ts';

const post = (type: string, body: string) =>
  new Request('https://sso.example.com/', { method: 'POST', headers: { 'content-type': type }, body });

describe('a null character', () => {
  test('in an address is read as the replacement character', () => {
    const { pathname, searchParams } = new URL(addressWithoutNullCharacters('https://sso.example.com/a%00b?c=%00'));
    expect([decodeURIComponent(pathname), searchParams.get('c')]).toEqual(['/a\ufffdb', '\ufffd']);
  });

  test('elsewhere in an address changes nothing', () => {
    const given = 'https://sso.example.com/?a=b%20c';
    expect(addressWithoutNullCharacters(given)).toBe(given);
  });

  test('in a form is read as the replacement character', async () => {
    expect(formWithoutNullCharacters('a=\0&b=%00')).toBe('a=\ufffd&b=%EF%BF%BD');
    const form = await readForm(post('application/x-www-form-urlencoded', 'a=1%002'));
    expect(form?.get('a')).toBe('1\ufffd2');
  });

  test.each(['{"a":"\\u0000"}', '{"\\u0000":1}', '[[["x\\u0000"]]]', '{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}'])(
    'or half a surrogate pair in JSON is refused: %s',
    async (body) => {
      await expect(readJson(post('application/json', body))).rejects.toMatchObject({ code: 'E0000003' });
    },
  );

  test.each(['{"a":"\\ud83d\\ude00"}', '{"a":"\\\\u0000"}', '{"a":"\\u00e9"}', 'null', '0', 'false'])(
    'is not seen where there is none: %s',
    async (body) => {
      expect(await readJson(post('application/json', body))).toEqual(JSON.parse(body));
    },
  );

  test('is looked for at any depth', () => {
    let deep: unknown = 'fine';
    for (let depth = 0; depth < 100_000; depth++) deep = [deep];
    expect(isStorable(deep)).toBe(true);
  });
});
