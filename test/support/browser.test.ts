import { expect, test } from 'vitest';
import { launchBrowser } from './browser.ts';

test('where the system has no Chromium, the npm package brings one', { timeout: 120_000 }, async () => {
  const browser = await launchBrowser('packaged');
  try {
    const page = await browser.newPage();
    await page.goto('data:text/html,<title>opened</title>');
    expect(await page.title()).toBe('opened');
  } finally {
    await browser.close();
  }
});
