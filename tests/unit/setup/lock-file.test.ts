import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../support/command.ts';

interface Entry {
  version?: string;
  resolved?: string;
  integrity?: string;
  os?: string[];
  cpu?: string[];
  optional?: boolean;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'));
const packages = read('package-lock.json').packages as Record<string, Entry>;
const manifest = read('package.json') as {
  optionalDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
};

/** Where Node looks for a package that `from` names: beside it, then further up. */
function find(from: string, name: string): Entry | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const found = packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`];
    if (found || folder === '') return found;
    if (!folder.includes('/node_modules/')) folder = '/node_modules/';
  }
}

describe('the lock file', () => {
  it('has an entry for every package that any other names, for whatever system', () => {
    const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !find(path, name))
        .map((name) => `${path} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('knows each package by its digest, and by no address', () => {
    const entries = Object.entries(packages).filter(([path]) => path !== '');
    expect(entries.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
    expect(JSON.stringify(packages)).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
  });

  it.each(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'])(
    'brings a Node and a Biome for %s',
    (machine) => {
      const [os = '', cpu = ''] = machine.split('-');
      const forIt = Object.keys(packages).filter(
        (path) => packages[path]?.os?.includes(os) && packages[path]?.cpu?.includes(cpu),
      );
      expect(forIt.filter((path) => path.slice('node_modules/'.length) in manifest.optionalDependencies)).toHaveLength(
        1,
      );
      expect(forIt.some((path) => path.startsWith('node_modules/@biomejs/cli-'))).toBe(true);
    },
  );

  it('lets scripts of packages run only where package.json says so by name', () => {
    const scripted = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(scripted)].sort());
  });
});
