import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkConfig } from '../../src/config/load.ts';

/** The image and the composition: what can be known of them without a container engine. */

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Service {
  image: string;
  command: string[];
  environment?: Record<string, string>;
  env_file?: { path: string; required: boolean }[];
  ports?: string[];
  volumes: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { disable?: boolean; test?: string[] };
  stop_grace_period: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  user?: string;
  privileged?: boolean;
}

const composition = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const { redis, ...own } = composition.services;

/** Instructions of the Dockerfile, continued lines joined, comments dropped. */
const instructions = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => /^(\S+)\s+(.*)$/.exec(line.trim())?.slice(1) ?? []) as [string, string][];
const lastStage = instructions.slice(instructions.findLastIndex(([name]) => name === 'FROM'));
const valueOfLast = (name: string) => lastStage.find(([key]) => key === name)?.[1] ?? '';
/** What the last stage copies from the project. */
const copied = lastStage
  .filter(([name, rest]) => name === 'COPY' && !rest.startsWith('--from'))
  .flatMap(([, rest]) => rest.split(/\s+/).slice(0, -1));

const commands = [...read('src/cli/run.ts').matchAll(/^ {2}(\w+): \(\) => import\('\.\//gm)].map(([, name]) => name);
const workers = readdirSync(join(root, 'workers')).map((name) => name.replace('.ts', ''));
const healthCheck = JSON.parse(/CMD\s+(\[.*\])/.exec(valueOfLast('HEALTHCHECK'))?.[1] ?? '[]') as string[];

describe('the composition', () => {
  it('has Redis, the API and every worker, each with a command that exists', () => {
    expect(Object.keys(own).sort()).toEqual(['api', ...workers].sort());
    for (const [name, { command }] of Object.entries(own)) {
      expect(commands, name).toContain(command[0]);
      expect(command, name).toEqual(name === 'api' || name === 'scheduler' ? [name] : ['worker', name]);
    }
  });

  it('gives Redis a disk, every write of it, and no eviction', () => {
    expect(redis?.command.join(' ')).toMatch(/^redis-server .*--appendonly yes --appendfsync always/);
    expect(redis?.command.join(' ')).toContain('--maxmemory-policy noeviction');
    expect(redis?.volumes).toEqual(['redis:/data']);
    expect(redis?.healthcheck?.test?.join(' ')).toContain('redis-cli ping');
    expect(redis).not.toHaveProperty('ports');
    expect(Number(/^redis:(\d+)/.exec(redis?.image ?? '')?.[1])).toBeGreaterThanOrEqual(7);
  });

  it('starts each process after Redis, with the secrets, the config for reading only, and no rights', () => {
    const volumes = Object.keys(composition.volumes);
    for (const [name, service] of Object.entries(own)) {
      expect(service.depends_on, name).toEqual({ redis: { condition: 'service_healthy' } });
      expect(service.env_file, name).toEqual([{ path: '.env', required: false }]);
      expect(service.environment?.REDIS_URL, name).toContain('redis://redis:6379');
      expect(service.volumes, name).toContain('./config:/app/config:ro');
      for (const volume of service.volumes.filter((one) => !one.startsWith('.'))) {
        expect(volumes).toContain(volume.split(':')[0]);
      }
      expect(service.read_only, name).toBe(true);
      expect(service.cap_drop, name).toEqual(['ALL']);
      expect(service.security_opt, name).toContain('no-new-privileges:true');
      expect(service.privileged, name).toBeUndefined();
      expect(service.user, name).toBeUndefined();
    }
  });

  it('waits for a stopping process longer than that waits for its posts', () => {
    const stopMs = Number(/const stopMs = ([\d_]+);/.exec(read('src/runtime/shutdown.ts'))?.[1]?.replaceAll('_', ''));
    expect(stopMs).toBeGreaterThan(0);
    for (const { stop_grace_period: grace } of Object.values(own)) {
      expect(Number(/^(\d+)s$/.exec(grace)?.[1]) * 1000).toBeGreaterThan(stopMs);
    }
  });

  it('lets the API be reached from the host alone, and only with a token', () => {
    const published = Object.entries(own).filter(([, { ports }]) => ports);
    expect(published.map(([name]) => name)).toEqual(['api']);
    const [, api] = published[0] as [string, Service];
    expect(api.ports).toEqual([`127.0.0.1:${valueOfLast('EXPOSE')}:${valueOfLast('EXPOSE')}`]);
    expect(api.environment?.MUNADI_API_TOKEN).toMatch(/^\$\{MUNADI_API_TOKEN:\?.+\}$/);
    expect(api.environment).toHaveProperty('REDIS_URL');
  });

  it('works with the config that comes with Munadi', () => {
    const env = { ...own.api?.environment, REDIS_URL: 'redis://redis:6379', MUNADI_API_TOKEN: 'a-token' };
    const { config, problems } = checkConfig(join(root, 'config/munadi.yaml'), { env });
    expect(problems).toEqual([]);
    expect(config?.redis.url).toBe('redis://redis:6379');
    expect(config?.http).toEqual({ host: '0.0.0.0', port: Number(valueOfLast('EXPOSE')), token: 'a-token' });
    const { problems: unguarded } = checkConfig(join(root, 'config/munadi.yaml'), {
      env: { ...env, MUNADI_API_TOKEN: '' },
    });
    expect(unguarded.map(({ key }) => key)).toEqual(['http.token']);
  });

  it('asks for health only where HTTP is served', () => {
    for (const [name, { healthcheck }] of Object.entries(own)) {
      expect(healthcheck?.disable ?? false, name).toBe(name !== 'api');
    }
  });
});

describe('the image', () => {
  const files = [...list('src', /\.ts$/), ...list('workers', /\.ts$/), ...list('bin', /\.mjs$/)];
  const packaged = list('scripts', /\.mjs$/);

  it('installs from the lock file, without what only development needs, in a stage of its own', () => {
    const build = instructions.slice(0, instructions.indexOf(lastStage[0] as [string, string]));
    const install = build.find(([name]) => name === 'RUN')?.[1] ?? '';
    expect(install).toContain('npm ci --omit=dev');
    const mark = /join\(modules, '(\.munadi-image)'\)/.exec(read('scripts/setup/packages.mjs'))?.[1];
    expect(install).toContain(`touch node_modules/${mark}`);
    expect(lastStage.map(([, rest]) => rest).join('\n')).not.toMatch(/npm (ci|install)|apt-get/);
  });

  it('imports nothing that is only there for development', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const wrong = [...files, ...packaged].flatMap((path) =>
      importsOf(path)
        .filter((name) => !/^(\.|node:)/.test(name))
        .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
        .filter((name) => !(name in dependencies))
        .map((name) => `${path}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('holds every file that its files import', () => {
    const missing = files.flatMap((path) =>
      importsOf(path)
        .filter((name) => name.startsWith('.'))
        .map((name) =>
          relative(root, resolve(root, dirname(path), name))
            .split(sep)
            .join('/'),
        )
        .filter((target) => !copied.some((from) => target === from || target.startsWith(`${from}/`))),
    );
    expect([...new Set(missing)]).toEqual([]);
  });

  it('lets into its context what it copies, and no secret', () => {
    const lines = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    const admitted = lines.slice(1).map((line) => line.replace(/^!/, ''));
    expect(lines.slice(1).every((line) => line.startsWith('!'))).toBe(true);
    for (const path of copied) expect(admitted).toContain(path);
    for (const path of ['.env', 'data', 'node_modules', 'tests', '.']) expect(admitted).not.toContain(path);
  });

  it('runs without rights, stops on a signal that the process hears, and serves the port of the config', () => {
    expect(valueOfLast('USER')).toMatch(/^[1-9]\d*(:[1-9]\d*)?$/);
    expect(valueOfLast('STOPSIGNAL')).toBe('SIGTERM');
    expect(JSON.parse(valueOfLast('ENTRYPOINT'))).toEqual(['node', 'bin/munadi.mjs']);
    expect(commands).toContain((JSON.parse(valueOfLast('CMD')) as string[])[0]);
    expect(valueOfLast('EXPOSE')).toBe('3000');
  });

  describe('laid out in a folder', () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'munadi-image-'));
      for (const path of copied) cpSync(join(root, path), join(folder, path), { recursive: true });
      symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('runs a command', async () => {
      const args = ['bin/munadi.mjs', 'preview', 'examples/01-harbour-library.txt', '--json'];
      const { stdout } = await run(process.execPath, args, { cwd: folder });
      expect((JSON.parse(stdout) as unknown[]).length).toBeGreaterThanOrEqual(4);
    }, 30_000);
  });

  it('is healthy while /health says so, and only then', async () => {
    expect(healthCheck.slice(0, 2)).toEqual(['node', '-e']);
    let status = 200;
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status).end('{}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const script = (healthCheck[2] ?? '').replace(`:${valueOfLast('EXPOSE')}/`, `:${port}/`);
    const exit = () =>
      run(process.execPath, ['-e', script]).then(
        () => 0,
        (error: { code: number }) => error.code,
      );
    expect(await exit()).toBe(0);
    expect(asked).toEqual(['/health']);
    status = 503;
    expect(await exit()).toBe(1);
    await new Promise((done) => server.close(done));
    expect(await exit()).toBe(1);
  });
});

function list(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name).split(sep).join('/'));
}

/** What a file needs at run time: imports of types alone are gone by then. */
function importsOf(path: string): string[] {
  const text = read(path).replace(/^(?:import|export) type [\s\S]*?;$/gm, '');
  return [...text.matchAll(/^(?:import|export|\}).*? from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    ([, ...names]) => names.find(Boolean) ?? '',
  );
}
