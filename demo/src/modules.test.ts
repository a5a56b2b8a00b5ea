import { describe, expect, it } from 'vitest';
import { createBrowserModules, withPaths } from './modules.ts';

const modules = createBrowserModules();

/** Every module that can be reached from the entry, by its path. */
function graph(): Map<string, string> {
  const found = new Map<string, string>();
  const queue = [modules.entry];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.has(path)) continue;
    const module = modules.get(path);
    if (module === undefined) throw new Error(`${path} is imported and cannot be had`);
    found.set(path, module.code);
    for (const [, specifier = ''] of module.code.matchAll(/^(?:import|export|\})[^'"]*?from\s*['"]([^'"]+)['"]/gm))
      queue.push(new URL(specifier, `https://catalogue.example${path}`).pathname);
  }
  return found;
}

describe('the browser’s modules', () => {
  it('every import of every module leads to a module that is served', () => {
    const paths = [...graph().keys()];
    expect(paths).toContain('/modules/relying-party/browser.ts');
    expect(paths.some((path) => /^\/modules\/jose@[\d.]+\/index\.js$/.test(path))).toBe(true);
    expect(paths.some((path) => /^\/modules\/oauth4webapi@[\d.]+\/index\.js$/.test(path))).toBe(true);
  });

  it('nothing of Node, no test and no type is left in them', () => {
    for (const [path, code] of graph()) {
      expect([path, /from\s*['"]node:/.test(code)]).toEqual([path, false]);
      if (path.endsWith('.ts')) expect([path, /^\s*(import|export) type\b/m.test(code)]).toEqual([path, false]);
    }
  });

  it('only listed files can be had', () => {
    for (const path of [
      '/modules/demo/../main.ts',
      '/modules/demo/app.test.ts',
      '/modules/relying-party/browser.test.ts',
      '/modules/relying-party/../package.json',
      '/modules/relying-party/..%2fpackage.json',
      '/modules/demo/',
      '/modules',
      '/modules/demo/constructor',
      '/etc/passwd',
    ])
      expect([path, modules.get(path)]).toEqual([path, undefined]);
  });

  it('bare specifiers become paths in every form of import, and text that only looks like one stays', () => {
    const specifiers = new Map([['jose', '/modules/jose.js']]);
    const cases = {
      "import { a } from 'jose';": "import { a } from '/modules/jose.js';",
      'import * as jose from "jose";': 'import * as jose from "/modules/jose.js";',
      "import 'jose';": "import '/modules/jose.js';",
      "export { a } from 'jose';": "export { a } from '/modules/jose.js';",
      "import {\n  a,\n  b,\n} from 'jose';": "import {\n  a,\n  b,\n} from '/modules/jose.js';",
      "import { a } from './jose';": "import { a } from './jose';",
      "const text = 'taken from jose';": "const text = 'taken from jose';",
      "import { a } from 'josephine';": "import { a } from 'josephine';",
    };
    for (const [code, expected] of Object.entries(cases)) expect(withPaths(code, specifiers)).toBe(expected);
  });
});
