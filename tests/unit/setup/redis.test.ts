import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSetUp, type SetUp } from '../../support/set-up.ts';

let at: SetUp;

beforeEach(async () => {
  at = await createSetUp();
  await mkdir(join(at.project, 'config'));
});
afterEach(() => at.remove());

/** What an installation does: afterwards the program is there. */
const putRedis = `printf '#!/bin/sh\\necho "Redis server v=7.2.4 sha=0"\\n' > "$PROGRAMS/redis-server"; /bin/chmod +x "$PROGRAMS/redis-server"`;
const putValkey = putRedis.replaceAll('redis-server', 'valkey-server');
/** sudo runs what follows it; env takes assignments first. */
const pass = '[ "$1" = -n ] && shift; exec "$@"';
const env = 'while [ "${1#*=}" != "$1" ]; do export "$1"; shift; done; exec "$@"';

interface Machine {
  platform?: string;
  isRoot?: boolean;
  answer?: string;
}

/** Runs the set-up of Redis as on another machine; `answer` is what somebody types at a terminal. */
function ensure(machine: Machine = {}, options: { env?: Record<string, string>; config?: string } = {}) {
  const script = `
    import { PassThrough } from 'node:stream';
    import { ensureRedis } from ${JSON.stringify(pathToFileURL(join(at.project, 'scripts/setup/redis.mjs')).href)};
    const { answer, ...machine } = ${JSON.stringify({ platform: 'linux', isRoot: true, ...machine })};
    if (answer !== undefined) {
      machine.input = Object.assign(new PassThrough(), { isTTY: true });
      machine.output = Object.assign(new PassThrough(), { isTTY: true });
      machine.output.on('data', (text) => process.stdout.write(text));
      machine.input.write(answer + '\\n');
    }
    try {
      await ensureRedis(${JSON.stringify(options.config)}, machine);
    } catch (error) {
      process.stderr.write(error.message);
      process.exit(1);
    }`;
  return at.run(['--input-type=module', '-e', script], { env: options.env ?? {} });
}

describe('Redis that is there already', () => {
  it.each(['redis-server', 'valkey-server'])('as %s is used, and nothing is called', async (name) => {
    await at.program(name);
    await at.program('apt-get', putRedis);
    expect(await ensure()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await at.calls()).toEqual([]);
  });

  const elsewhere: [string, { env?: Record<string, string>; dotEnv?: string; yaml?: string }][] = [
    ['REDIS_URL', { env: { REDIS_URL: 'redis://r' } }],
    ['REDIS_URL in .env', { dotEnv: '# x\nexport REDIS_URL="redis://r"\n' }],
    ['redis.url in one line', { yaml: 'redis: { prefix: a, url: "redis://r" }\n' }],
    ['redis.url on a line of its own', { yaml: 'redis: # ours\n  prefix: a\n\n  # there\n  url: rediss://r\n' }],
    ['a variable of another name', { yaml: "redis:\n  url: '${NEWS_REDIS}'\n", env: { NEWS_REDIS: 'redis://r' } }],
  ];
  it.each(elsewhere)('elsewhere, by %s, is enough', async (_, { env: given = {}, dotEnv = '', yaml = '' }) => {
    await at.program('apt-get', putRedis);
    await writeFile(join(at.project, '.env'), dotEnv);
    await writeFile(join(at.project, 'config/munadi.yaml'), yaml);
    expect((await ensure({}, { env: given })).code).toBe(0);
    expect(await at.calls()).toEqual([]);
  });

  it.each([
    ['an empty REDIS_URL', { REDIS_URL: '' }, 'redis: { url: "${REDIS_URL}" }\n'],
    ['a variable that is not set', {}, 'redis: { url: "${REDIS_URL}" }\n'],
    ['an address of something else', {}, 'accounts:\n  a: { url: "redis://r" }\n'],
  ])('is not taken for granted by %s', async (_, given, yaml) => {
    await at.program('apt-get', putRedis);
    await writeFile(join(at.project, 'config/munadi.yaml'), yaml);
    expect((await ensure({}, { env: given as Record<string, string> })).code).toBe(0);
    expect(await at.calls()).toHaveLength(1);
  });

  it('may be named by another configuration file', async () => {
    await at.program('apt-get', putRedis);
    await writeFile(join(at.project, 'mine.yaml'), 'redis: { url: redis://r }');
    expect((await ensure({}, { config: 'mine.yaml' })).code).toBe(0);
    expect(await at.calls()).toEqual([]);
  });
});

describe('Redis that is missing', () => {
  it.each([
    ['apt-get', putRedis, 'apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends redis-server'],
    ['apk', putRedis, 'apk add -q redis'],
    ['dnf', putValkey, 'dnf install -y -q valkey'],
    ['brew', putRedis, 'brew install -q redis'],
  ])('is installed by %s, and told with its size and time', async (name, body, call) => {
    await at.program(name, body);
    const { code, stderr } = await ensure();
    expect(code).toBe(0);
    expect(await at.calls()).toEqual([call]);
    expect(stderr).toMatch(
      new RegExp(`installing Redis with ${name} …\\n.*: Redis server v=7.2.4, \\d+ MB, [\\d.]+ s\\n$`),
    );
  });

  it.each(['apt-get', 'apk', 'dnf'])('and unknown to the stale lists of %s: they are refreshed first', async (name) => {
    const flag = '"$PROGRAMS/fresh"';
    await at.program(
      name,
      `case "$*" in *update*|*makecache*) : > ${flag};; *) [ -e ${flag} ] || exit 100; ${putRedis};; esac`,
    );
    expect((await ensure()).code).toBe(0);
    const calls = await at.calls();
    expect(calls).toHaveLength(3);
    expect(calls[1]).toMatch(/update|makecache/);
    expect(calls[2]).toBe(calls[0]);
  });

  it('under its first name is looked for under the other', async () => {
    await at.program('dnf', `case "$*" in *valkey*) exit 1;; *install*) ${putRedis};; esac`);
    expect((await ensure()).code).toBe(0);
    expect((await at.calls()).at(-1)).toBe('dnf install -y -q redis');
  });

  it('is installed with sudo that asks nothing, where nobody can answer', async () => {
    await at.program('sudo', pass);
    await at.program('env', env);
    await at.program('apt-get', putRedis);
    expect((await ensure({ isRoot: false })).code).toBe(0);
    const [first, ...rest] = await at.calls();
    expect(first).toMatch(/^sudo -n env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get .*install/);
    expect(rest.at(-1)).toMatch(/^apt-get/);
  });

  it('is installed with sudo after a question on a terminal, and not where the answer is no', async () => {
    await at.program('sudo', pass);
    await at.program('apk', putRedis);
    const no = await ensure({ isRoot: false, answer: 'n' }, { env: { CI: '' } });
    expect([no.code, await at.calls()]).toEqual([1, []]);
    expect(no.stdout).toMatch(/Install it now with "sudo apk"\?/);
    expect(no.stderr).toContain('docker compose up');
    const yes = await ensure({ isRoot: false, answer: '' }, { env: { CI: '' } });
    expect([yes.code, await at.calls()]).toEqual([0, ['sudo apk add -q redis', 'apk add -q redis']]);
  });

  it('in CI never asks, even at a terminal', async () => {
    await at.program('sudo', pass);
    await at.program('apk', putRedis);
    const { code, stdout } = await ensure({ isRoot: false, answer: 'n' }, { env: { CI: 'true' } });
    expect([code, stdout]).toEqual([0, '']);
    expect((await at.calls())[0]).toBe('sudo -n apk add -q redis');
  });

  it('needs no sudo for Homebrew', async () => {
    await at.program('sudo', pass);
    await at.program('brew', putRedis);
    expect((await ensure({ isRoot: false, platform: 'darwin' })).code).toBe(0);
    expect(await at.calls()).toEqual(['brew install -q redis']);
  });
});

describe('where nothing helps, one message says what to do', () => {
  it.each([
    ['no package manager', {}, '', ''],
    ['no sudo', { isRoot: false }, 'apt-get', ''],
    ['a package manager that fails', {}, 'apt-get', 'E: no network'],
  ])('with %s', async (_, machine, name, said) => {
    if (name) await at.program(name, 'echo "E: no network" >&2; exit 100');
    const { code, stderr } = await ensure(machine);
    expect(code).toBe(1);
    expect(stderr.match(/Munadi needs Redis/g)).toHaveLength(1);
    for (const way of ['REDIS_URL=', 'docker compose up']) expect(stderr).toContain(way);
    if (said) expect(stderr).toContain(said);
  });

  it('on Windows: WSL or Docker', async () => {
    await at.program('apt-get', putRedis);
    const { code, stderr } = await ensure({ platform: 'win32' });
    expect([code, await at.calls()]).toEqual([1, []]);
    expect(stderr).toMatch(/WSL/);
    expect(stderr).toContain('docker compose up');
  });
});
