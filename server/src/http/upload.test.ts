import { expect, it } from 'vitest';
import { readUpload } from './upload.ts';

const formWith = (name: string, content: Blob | string) => {
  const form = new FormData();
  form.append(name, content);
  return new Request('https://sso.example.com/', { method: 'POST', body: form });
};

it('reads the file of a form', async () => {
  const bytes = await readUpload(formWith('file', new Blob(['picture'])), 100);
  expect(Buffer.from(bytes).toString()).toBe('picture');
});

it('reads no more than it was told to, whether or not the length is announced', async () => {
  const type = { 'content-type': 'multipart/form-data; boundary=x' };
  const request = (body: string, headers: Record<string, string>) =>
    new Request('https://sso.example.com/', { method: 'POST', body, headers });
  for (const one of [request('x'.repeat(10_000), type), request('x', { ...type, 'content-length': '9000000' })])
    await expect(readUpload(one, 100)).rejects.toMatchObject({ name: 'BodyTooLarge' });
});

it.each([
  ['no file', formWith('other', new Blob(['x']))],
  ['a text in its place', formWith('file', 'x')],
  [
    'a form that is broken',
    new Request('https://sso.example.com/', {
      method: 'POST',
      body: '--x\r\nnothing',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    }),
  ],
  ['another media type', new Request('https://sso.example.com/', { method: 'POST', body: 'x' })],
])('refuses %s', async (_, request) => {
  await expect(readUpload(request, 100)).rejects.toMatchObject({ name: 'Refusal' });
});
