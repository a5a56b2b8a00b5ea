import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Installation, openInstallation, randomApiToken, randomPassword } from './installation.ts';

let folder: string;
let installation: Installation;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quickstart-'));
  installation = openInstallation(folder);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mode = (file: string) => statSync(file).mode & 0o777;

describe('what the data folder keeps', () => {
  it('the accounts, one per role, in a file for the owner alone', () => {
    installation.keepAccount({ role: 'Administrator', login: 'admin@example.com', password: 'one' });
    installation.keepAccount({ role: 'Person', login: 'ada@example.com', password: 'two' });
    installation.keepAccount({ role: 'Person', login: 'ada@example.com', password: 'three' });
    const again = openInstallation(folder);
    expect(again.account('Administrator')?.password).toBe('one');
    expect(again.account('Person')).toEqual({ role: 'Person', login: 'ada@example.com', password: 'three' });
    expect(again.account('Somebody')).toBeUndefined();
    expect(mode(installation.credentialsFile)).toBe(0o600);
  });

  it('the API token, and a file that was readable by others no longer is', () => {
    const file = join(folder, 'demo-api-token');
    writeFileSync(file, '', { mode: 0o644 });
    installation.keepApiToken('00secret');
    expect(openInstallation(folder).apiToken()).toBe('00secret');
    expect(mode(file)).toBe(0o600);
  });

  it('what is running, as long as the process lives', () => {
    const running = { pid: process.pid, url: 'http://localhost:8080', demoOrigin: 'http://localhost:8585' };
    installation.keepRunning(running);
    expect(installation.running()).toEqual(running);
    installation.keepRunning({ ...running, pid: 2 ** 30 });
    expect(installation.running()).toBeUndefined();
    installation.keepRunning(undefined);
    expect(installation.running()).toBeUndefined();
  });

  it('is new until the database is there', () => {
    expect(installation.isNew).toBe(true);
    writeFileSync(join(folder, 'gatehouse.db'), '');
    expect(openInstallation(folder).isNew).toBe(false);
  });
});

describe('secrets', () => {
  it('are different each time', () => {
    const made = Array.from({ length: 200 }, () => [randomPassword(), randomApiToken()]).flat();
    expect(new Set(made).size).toBe(400);
  });

  it('a password has what password policies ask for', () => {
    for (let i = 0; i < 200; i++) {
      const password = randomPassword();
      expect(password).toMatch(/[A-Z]/);
      expect(password).toMatch(/[a-z]/);
      expect(password).toMatch(/\d/);
      expect(password.length).toBeGreaterThan(20);
    }
  });

  it('an API token looks like one', () => {
    expect(randomApiToken()).toMatch(/^00[\w-]{40}$/);
  });
});
