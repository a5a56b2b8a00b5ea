// Owns: what this installation keeps in its data folder for the quickstart: the API token and the credentials, each in a file
// that its owner alone may read. Does not own: the server's database and master key beside them.
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Account = { role: string; login: string; password: string };

export type Running = { pid: number; url: string; demoOrigin: string };

export type Installation = {
  folder: string;
  databaseUrl: string;
  logFile: string;
  credentialsFile: string;
  /** True before the server has ever started on this folder. */
  isNew: boolean;
  apiToken: () => string | undefined;
  keepApiToken: (token: string) => void;
  account: (role: string) => Account | undefined;
  /** What a quickstart that is still running has opened from this folder. */
  running: () => Running | undefined;
  keepRunning: (running: Running | undefined) => void;
  keepAccount: (account: Account) => void;
};

const OWNER_ONLY = 0o600;
const LINE = /^(.+?): (\S+) (\S+)$/;

export function openInstallation(folder: string): Installation {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = join(folder, 'gatehouse.db');
  const tokenFile = join(folder, 'demo-api-token');
  const credentialsFile = join(folder, 'demo-credentials.txt');
  const runningFile = join(folder, 'demo-running.json');

  const accounts = (): Account[] =>
    (read(credentialsFile) ?? '').split('\n').flatMap((line) => {
      const [, role = '', login = '', password = ''] = LINE.exec(line) ?? [];
      return role === '' ? [] : [{ role, login, password }];
    });

  return {
    folder,
    databaseUrl: `sqlite:${database}`,
    logFile: join(folder, 'gatehouse.log'),
    credentialsFile,
    isNew: !existsSync(database),
    apiToken: () => read(tokenFile)?.trim(),
    keepApiToken: (token) => write(tokenFile, `${token}\n`),
    account: (role) => accounts().find((account) => account.role === role),
    running: () => {
      const running = read(runningFile);
      return running === undefined ? undefined : alive(JSON.parse(running) as Running);
    },
    keepRunning: (running) => {
      if (running === undefined) rmSync(runningFile, { force: true });
      else write(runningFile, JSON.stringify(running));
    },
    keepAccount: (account) => {
      const others = accounts().filter((each) => each.role !== account.role);
      const lines = [...others, account].map(({ role, login, password }) => `${role}: ${login} ${password}`);
      write(credentialsFile, `${lines.join('\n')}\n`);
    },
  };
}

function alive(running: Running): Running | undefined {
  try {
    process.kill(running.pid, 0);
    return running;
  } catch {
    return undefined;
  }
}

function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function write(file: string, text: string): void {
  writeFileSync(file, text, { mode: OWNER_ONLY });
  // The mode above counts only for a file that is made; an older one may be wider.
  chmodSync(file, OWNER_ONLY);
}

export function randomApiToken(): string {
  return `00${randomBytes(30).toString('base64url')}`;
}

// Without characters that are mistaken for each other when read off a terminal.
const LETTERS = 'abcdefghijkmnpqrstuvwxyz';
const DIGITS = '23456789';

/** About 90 bits, in groups that can be typed: `Kzrw-94mq-…`. */
export function randomPassword(): string {
  const pick = (from: string) => from.charAt(randomInt(from.length));
  const groups = Array.from({ length: 5 }, () => Array.from({ length: 4 }, () => pick(LETTERS + DIGITS)).join(''));
  const [first = '', ...rest] = groups;
  // Password policies want one of each kind, wherever it stands.
  return [pick(LETTERS).toUpperCase() + pick(DIGITS) + pick(LETTERS) + first, ...rest].join('-');
}
