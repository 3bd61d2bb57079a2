import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSetUp, type SetUp } from '../../support/set-up.ts';

let at: SetUp;
/** Stands for npm: records the call, and leaves packages behind unless told to fail. */
let npm: string;

beforeEach(async () => {
  at = await createSetUp();
  npm = join(at.project, '..', 'npm-cli.js');
  await writeFile(
    npm,
    `const fs = require('node:fs');
     fs.appendFileSync(process.env.CALLS, process.argv.slice(2).join(' ') + '\\n');
     if (process.env.NPM_FAILS) { console.error('npm error: no network'); process.exit(1); }
     setTimeout(() => {
       fs.mkdirSync('node_modules/@scope/a', { recursive: true });
       fs.writeFileSync('node_modules/@scope/a/index.js', 'x'.repeat(1_500_000));
     }, Number(process.env.NPM_TAKES ?? 0));`,
  );
});
afterEach(() => at.remove());

const setUp = (env: Record<string, string> = {}, argv = ['--no-redis', 'run', '-p', '"ran"']) =>
  at.run([join(at.project, 'scripts/setup.mjs'), ...argv], {
    env: { npm_execpath: npm, CALLS: join(at.project, '../npm-calls'), ...env },
  });
const installs = async () =>
  (await readFile(join(at.project, '../npm-calls'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

describe('packages', () => {
  it('that are missing are installed once, as locked, and told with size and time', async () => {
    const first = await setUp();
    expect([first.code, first.stdout]).toEqual([0, 'ran\n']);
    expect(first.stderr).toMatch(
      /^munadi: installing packages …\nmunadi: installing packages: 1 packages, 2 MB, [\d.]+ s\n$/,
    );
    expect(await setUp()).toEqual({ code: 0, stdout: 'ran\n', stderr: '' });
    expect(await installs()).toEqual([expect.stringMatching(/^ci .*--include=dev --include=optional/)]);
  });

  it('of another lock file are stale', async () => {
    await setUp();
    await writeFile(join(at.project, 'package-lock.json'), '{"packages":{"":{"name":"b"}}}');
    await setUp();
    expect(await installs()).toHaveLength(2);
  });

  it('are installed once by two set-ups at once; the second says that it waits', async () => {
    const both = await Promise.all([setUp({ NPM_TAKES: '500' }), setUp({ NPM_TAKES: '500' })]);
    expect(both.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, 'ran\n'],
      [0, 'ran\n'],
    ]);
    expect(await installs()).toHaveLength(1);
    expect(both.map(({ stderr }) => stderr).join('')).toContain('another set-up is installing packages');
  });

  it('are installed although a set-up before died in the middle', async () => {
    await writeFile(join(at.project, '.munadi-installing'), '999999999');
    expect((await setUp()).code).toBe(0);
    expect(await installs()).toHaveLength(1);
  });

  it('that cannot be installed end it with what npm said, and the next set-up tries again', async () => {
    const failed = await setUp({ NPM_FAILS: 'yes' });
    expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('npm error: no network') });
    expect(failed.stderr).not.toMatch(/\n {4}at /);
    expect((await setUp()).code).toBe(0);
  });

  it('that somebody installed by "npm ci" are taken as they are, unless one for this machine is missing', async () => {
    const entry = { version: '1.0.0', integrity: 'sha512-a' };
    const other = { ...entry, optional: true, os: [process.platform === 'win32' ? 'linux' : 'win32'] };
    const ours = { ...entry, optional: true, os: [process.platform], cpu: [process.arch] };
    const write = async (asked: object, there: object) => {
      await rm(join(at.project, 'node_modules'), { recursive: true, force: true });
      await mkdir(join(at.project, 'node_modules'));
      await writeFile(join(at.project, 'package-lock.json'), JSON.stringify({ packages: asked }));
      await writeFile(join(at.project, 'node_modules/.package-lock.json'), JSON.stringify({ packages: there }));
      return setUp();
    };
    await write({ '': {}, a: entry, b: other, c: ours }, { a: entry, c: ours });
    expect(await installs()).toHaveLength(0);
    await write({ '': {}, a: entry, b: other, c: ours }, { a: entry });
    expect(await installs()).toHaveLength(1);
    await write({ '': {}, a: entry }, { a: { ...entry, version: '0.9.0' } });
    expect(await installs()).toHaveLength(2);
  });

  it('are never asked of yarn or pnpm, whose names stand where npm puts its own', async () => {
    await at.program('npm', '/bin/mkdir node_modules');
    expect((await setUp({ npm_execpath: '/usr/lib/yarn.js' })).code).toBe(0);
    expect(await at.calls()).toEqual([expect.stringMatching(/^npm ci /)]);
  });
});

describe('what is run', () => {
  it('passes its exit code on, and refuses what it does not know', async () => {
    expect((await setUp({}, ['--no-redis', 'run', '-e', 'process.exit(7)'])).code).toBe(7);
    for (const name of ['build', 'constructor', ''])
      expect(await setUp({}, [name])).toMatchObject({ code: 2, stderr: expect.stringContaining('expected munadi') });
  });
});
