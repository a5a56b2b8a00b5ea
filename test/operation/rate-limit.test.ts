// RATE_LIMIT as a client meets it: contract 4.1 and 4.17.
import { expect, test } from 'vitest';
import { managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const LIMIT = 40;
const server = await serverOfThisFile({ RATE_LIMIT: String(LIMIT) });
const api = managementApi(server);

test('above the limit every answer is 429 E0000047 and says when to come back', async () => {
  const answers = [];
  for (let sent = 0; sent < 2 * LIMIT + 2; sent++) answers.push(await api.request('GET', '/api/v1/org'));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  for (const { body, headers } of refused) {
    expect(body).toMatchObject({
      errorCode: 'E0000047',
      errorSummary: 'API call exceeded rate limit due to too many requests.',
    });
    expect(headers.get('x-rate-limit-limit')).toBe(String(LIMIT));
    expect(headers.get('x-rate-limit-remaining')).toBe('0');
    const wait = Number(headers.get('x-rate-limit-reset')) - Date.parse(headers.get('date') ?? '') / 1000;
    expect(wait).toBeGreaterThanOrEqual(0);
    expect(wait).toBeLessThanOrEqual(61);
  }
  const left = answers
    .filter(({ status }) => status === 200)
    .map(({ headers }) => headers.get('x-rate-limit-remaining'));
  expect(left.slice(0, 3).every((remaining) => Number(remaining) < LIMIT)).toBe(true);
});
