// Owns: handing the browser its modules unbuilt: our TypeScript with the types blanked out, the libraries as they are.
// Does not own: what the modules do. Only files that were listed at start can be asked for.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export type BrowserModule = { code: string; etag: string; immutable: boolean };

export type BrowserModules = {
  /** The path of the module that starts the application. */
  entry: string;
  get: (path: string) => BrowserModule | undefined;
};

const PREFIX = '/modules';
const LIBRARIES = ['jose', 'oauth4webapi'] as const;
const RELYING_PARTY = 'gatehouse-relying-party/browser';

export function createBrowserModules(): BrowserModules {
  const relyingParty = createRequire(import.meta.url).resolve(RELYING_PARTY);
  const libraries = LIBRARIES.map((name) => findLibrary(name, relyingParty));
  const specifiers = new Map([
    [RELYING_PARTY, `${PREFIX}/relying-party/browser.ts`],
    ...libraries.map((library) => [library.name, `${library.path}/${library.entry}`] as const),
  ]);

  const files = new Map<string, { file: string; immutable: boolean }>();
  const list = (directory: string, path: string, extension: string, immutable: boolean) => {
    for (const file of filesIn(directory, extension))
      files.set(`${path}/${relative(directory, file).split(sep).join('/')}`, { file, immutable });
  };
  list(fileURLToPath(new URL('browser/', import.meta.url)), `${PREFIX}/demo`, '.ts', false);
  list(dirname(relyingParty), `${PREFIX}/relying-party`, '.ts', false);
  for (const library of libraries) list(library.directory, library.path, '.js', true);

  const read = new Map<string, BrowserModule>();
  return {
    entry: `${PREFIX}/demo/app.ts`,
    get: (path) => {
      const known = read.get(path);
      const listed = files.get(path);
      if (known !== undefined || listed === undefined) return known;
      const code = readModule(listed.file, specifiers);
      const etag = `"${createHash('sha256').update(code).digest('base64url').slice(0, 22)}"`;
      const module = { code, etag, immutable: listed.immutable };
      read.set(path, module);
      return module;
    },
  };
}

function readModule(file: string, specifiers: ReadonlyMap<string, string>): string {
  const source = readFileSync(file, 'utf8');
  return file.endsWith('.ts') ? withPaths(stripTypeScriptTypes(source), specifiers) : source;
}

/** A browser knows no bare specifiers; rewriting ours keeps the page free of an inline import map. */
export function withPaths(code: string, specifiers: ReadonlyMap<string, string>): string {
  return code.replaceAll(
    /^((?:import|export)\b[^'"]*?\bfrom\s*|\}\s*from\s*|import\s*)(['"])([^'"]+)\2/gm,
    (statement, head: string, quote: string, specifier: string) => {
      const path = specifiers.get(specifier);
      return path === undefined ? statement : `${head}${quote}${path}${quote}`;
    },
  );
}

function filesIn(directory: string, extension: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension) && !entry.name.endsWith(`.test${extension}`))
    .map((entry) => join(entry.parentPath, entry.name));
}

type Library = { name: string; path: string; directory: string; entry: string };

/** A library's browser modules, as its package.json names them; the version in the path makes them cacheable for ever. */
function findLibrary(name: string, askedFrom: string): Library {
  let root = dirname(createRequire(askedFrom).resolve(name));
  let manifest = readManifest(root);
  while (manifest?.name !== name) {
    if (dirname(root) === root) throw new Error(`The package ${name} is not installed.`);
    root = dirname(root);
    manifest = readManifest(root);
  }
  const entry = browserEntry(manifest.exports);
  if (entry === undefined) throw new Error(`The package ${name} names no module for browsers.`);
  const file = join(root, entry);
  return {
    name,
    path: `${PREFIX}/${name}@${manifest.version}`,
    directory: dirname(file),
    entry: relative(dirname(file), file),
  };
}

type Manifest = { name?: string; version?: string; exports?: unknown };

function readManifest(directory: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

function browserEntry(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported;
  if (typeof exported !== 'object' || exported === null) return undefined;
  const conditions = exported as Record<string, unknown>;
  for (const condition of ['.', 'browser', 'import', 'default'])
    if (condition in conditions) return browserEntry(conditions[condition]);
  return undefined;
}
