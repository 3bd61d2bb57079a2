import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../src/config/json-schema.ts';
import { platforms } from '../src/platforms/index.ts';

/** What the layout promises. Each rule names the files that break it. */

const root = resolve(import.meta.dirname, '..');

interface SourceFile {
  path: string;
  text: string;
  /** Paths of project files, or names of packages. */
  imports: string[];
}

const code = ['src', 'workers', 'bench', 'scripts', 'tests'].flatMap((folder) => list(folder, /\.ts$/)).map(read);
const source = code.filter(({ path }) => path.startsWith('src/'));

function list(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).split(sep).join('/'))
    .filter((path) => ending.test(path));
}

function read(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const specifiers = [
    ...text.matchAll(/^(?:import|export|\}).*? from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm),
  ].map(([, ...names]) => names.find(Boolean) ?? '');
  const imports = specifiers.map((name) =>
    name.startsWith('.')
      ? relative(root, resolve(root, path, '..', name))
          .split(sep)
          .join('/')
      : name,
  );
  return { path, text, imports };
}

/** `src/text/fit.ts` is in `text`, `workers/x.ts` in `workers`. */
function part(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'src' ? second : first;
}

/** What each part may import, beside itself. */
const allowed: Record<string, string[]> = {
  core: [],
  text: ['core'],
  platforms: ['core', 'text'],
  sources: ['core', 'text'],
  store: ['core'],
  queue: ['core', 'store'],
  limits: ['core'],
  schedule: ['core', 'text'],
  sandbox: [],
  config: ['core', 'text', 'schedule', 'platforms'],
  pipeline: ['core', 'text', 'store', 'queue', 'limits', 'schedule', 'sources', 'config'],
  runtime: [
    'core',
    'text',
    'config',
    'store',
    'queue',
    'limits',
    'schedule',
    'pipeline',
    'platforms',
    'sources',
    'sandbox',
    'desk',
  ],
  desk: [
    'core',
    'limits',
    'schedule',
    'config',
    'store',
    'queue',
    'pipeline',
    'sources',
    'runtime',
    'text',
    'platforms',
  ],
  cli: [
    'core',
    'limits',
    'schedule',
    'text',
    'config',
    'store',
    'queue',
    'pipeline',
    'platforms',
    'sources',
    'runtime',
    'sandbox',
    'desk',
  ],
};

const importersOf = (name: RegExp) =>
  code.filter(({ imports }) => imports.some((one) => name.test(one))).map(({ path }) => path);
const outside = (paths: string[], ...folders: string[]) =>
  paths.filter((path) => !folders.some((folder) => path.startsWith(folder)));

describe('imports', () => {
  it('go one way between the parts', () => {
    const wrong = source.flatMap(({ path, imports }) =>
      imports
        .filter((target) => target.startsWith('src/') && part(target) !== part(path))
        .filter((target) => !allowed[part(path)]?.includes(part(target)))
        .map((target) => `${path} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('form no circle', () => {
    const graph = new Map(source.map(({ path, imports }) => [path, imports.filter((one) => one.startsWith('src/'))]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, trail: string[]): void => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      if (trail.includes(path) || done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });

  it('keep bullmq in src/queue, and the SDKs in src/platforms', () => {
    expect(outside(importersOf(/^bullmq$/), 'src/queue/', 'bench/')).toEqual([]);
    expect(outside(importersOf(/^(telegraf|twitter-api-v2)/), 'src/platforms/', 'bench/', 'tests/')).toEqual([]);
  });

  it('keep a platform apart from the others', () => {
    const ids = Object.keys(platforms);
    const wrong = source
      .filter(({ path }) => path.startsWith('src/platforms/') && path !== 'src/platforms/index.ts')
      .filter(({ imports }) => imports.some((target) => ids.some((id) => target === `src/platforms/${id}.ts`)));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('find what they name', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const known = new Set(Object.keys({ ...dependencies, ...devDependencies }));
    const wrong = code.flatMap(({ path, imports }) =>
      imports
        .filter((name) => {
          if (name.startsWith('node:')) return false;
          if (/^(src|workers|bench|scripts|tests)\//.test(name)) return !existsSync(join(root, name));
          return !known.has(
            name
              .split('/')
              .slice(0, name.startsWith('@') ? 2 : 1)
              .join('/'),
          );
        })
        .map((name) => `${path}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('habits', () => {
  const having = (files: SourceFile[], pattern: RegExp) =>
    files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

  it('read the environment in one place', () => {
    expect(having(source, /process\.env/)).toEqual(['src/config/load.ts']);
    expect(
      having(
        code.filter(({ path }) => path.startsWith('workers/')),
        /process\.env/,
      ),
    ).toEqual([]);
  });

  it('print only from commands', () => {
    expect(outside(having(source, /console\.|process\.std(out|err)\b/), 'src/cli/')).toEqual(['src/runtime/log.ts']);
  });

  it('leave no loose end', () => {
    const others = code.filter(({ path }) => path !== 'tests/rules.test.ts');
    expect(having(others, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
    expect(having(others, /@ts-(ignore|expect-error|nocheck)|biome-ignore|\bas any\b/)).toEqual([]);
    expect(having(others, /\b(it|test|describe)\.(only|skip|todo)\b/)).toEqual([]);
  });

  it('keep files short, and names plain', () => {
    const long = code.filter(({ text }) => text.split('\n').length > 320).map(({ path }) => path);
    expect(long).toEqual([]);
    const vague = code.filter(({ path }) => /(utils?|helpers?|manager|misc|common)\.ts$/.test(path));
    expect(vague.map(({ path }) => path)).toEqual([]);
  });

  it('retry in src/queue alone', () => {
    expect(outside(having(source, /\battemptsMade\b|\bbackoff\(|moveToDelayed/), 'src/queue/')).toEqual([]);
  });
});

describe('every platform', () => {
  const ids = Object.keys(platforms).sort();

  it('is a file, a worker, a config block and a section of the docs', () => {
    const files = readdirSync(join(root, 'src/platforms')).filter(
      (name) => name.endsWith('.ts') && name !== 'index.ts',
    );
    expect(files.map((name) => name.replace('.ts', '')).sort()).toEqual(ids);
    for (const id of ids) expect(existsSync(join(root, 'workers', `${id}.ts`)), `workers/${id}.ts`).toBe(true);
    const schema = JSON.stringify(configSchema());
    const page = readFileSync(join(root, 'docs/platforms.md'), 'utf8');
    for (const [id, { name }] of Object.entries(platforms)) {
      expect(schema).toContain(`"const":"${id}"`);
      expect(page).toMatch(new RegExp(`^## ${name}`, 'm'));
    }
  });

  it('has a worker of a few lines', () => {
    for (const { path, text } of code.filter(({ path }) => path.startsWith('workers/'))) {
      expect(text.trim().split('\n').length, path).toBeLessThan(12);
    }
  });

  it('has an example that its own schemas accept', () => {
    for (const { account, channel, example, credentials } of Object.values(platforms)) {
      expect(account.safeParse(example.account).success).toBe(true);
      expect(channel.safeParse(example.channel).success).toBe(true);
      const given = Object.keys(example.account);
      expect(credentials.some((keys) => keys.every((key) => given.includes(key)))).toBe(true);
    }
  });
});
