import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { articleText, configText, createFolder, json, run, start } from '../support/command.ts';
import { executeHere } from '../support/execute.ts';

interface Preview {
  article: { id: string; title: string };
  channel: string;
  platform: string;
  sandbox: boolean;
  parts: { text: string; length: number; limit: number; unit: string; media: unknown[] }[];
  edits: unknown[];
  warnings: string[];
}

// Each process costs a second or several on a machine that is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;
let article: string;
const text = articleText();

beforeAll(async () => {
  folder = await createFolder();
  config = await folder.write(
    'munadi.yaml',
    configText({ data: `${folder.path}/data`, fetch: { allow: ['127.0.0.1/32'] } }),
  );
  article = await folder.write('مقال أول.txt', text);
});
afterAll(() => folder.remove());

const munadi = (args: string[], input?: string | Buffer) =>
  run(args, { cwd: folder.path, ...(input === undefined ? {} : { input }) });

describe('preview', () => {
  it('composes for each channel and sends nothing, by file, by standard input and by address', async () => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      const [title, ...rest] = text.split('\n\n');
      response.end(
        `<!doctype html><html lang="ar" dir="rtl"><head><title>${title}</title></head><body><article><h1>${title}</h1>${rest.map((one) => `<p>${one}</p>`).join('')}</article></body></html>`,
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/news`;
    const results = await Promise.all([
      munadi(['preview', article, '--config', config, '--json']),
      munadi(['preview', '-', '--config', config, '--json'], text),
      munadi(['preview', address, '--config', config, '--json', '--channel', 'telegram-ar,x-ar']),
    ]);
    server.close();
    const [byFile, byInput, byAddress] = results.map((one) => json<Preview[]>(one));
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(byFile?.map(({ channel, sandbox }) => [channel, sandbox])).toEqual([
      ['telegram-ar', true],
      ['x-ar', true],
      ['whatsapp-ar', true],
      ['facebook-ar', true],
    ]);
    for (const { parts, edits, warnings, platform } of byFile ?? []) {
      expect(parts.length, platform).toBeGreaterThan(0);
      for (const { text, length, limit, unit, media } of parts) {
        expect(text).toContain(text.split('\n')[0]);
        expect(length).toBeGreaterThan(0);
        expect(length).toBeLessThanOrEqual(limit);
        expect(typeof unit).toBe('string');
        expect(media).toEqual([]);
      }
      expect([edits, warnings].every(Array.isArray)).toBe(true);
    }
    expect(byInput?.map(({ parts }) => parts)).toEqual(byFile?.map(({ parts }) => parts));
    expect(byAddress?.map(({ channel }) => channel)).toEqual(['telegram-ar', 'x-ar']);
    expect(byAddress?.[0]?.article).toMatchObject({ title: text.split('\n')[0], url: address });
  });

  it('shows people each post with its length against its limit', async () => {
    const { code, stdout } = await executeHere(['preview', article, '--config', config]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/telegram-ar \(telegram, SANDBOX\)/);
    expect(stdout).toMatch(/\d+ of 280/);
  });
});

describe('measure', () => {
  const lines = (list: string[]) => list.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('answers every line with a line, also where texts hold line separators', async () => {
    const texts = ['مرحبا', 'a\u2028b\u2029c', 'x'.repeat(281), ''];
    const input = texts.map((one) => JSON.stringify(one)).join('\r\n');
    const { code, stdout } = await munadi(['measure', '--platform', 'x'], input);
    expect(code).toBe(0);
    expect(lines(stdout.trimEnd().split('\n'))).toEqual([
      { length: 5, limit: 280, unit: expect.any(String), valid: true },
      expect.objectContaining({ limit: 280, valid: true }),
      expect.objectContaining({ length: 281, valid: false }),
      expect.objectContaining({ length: 0, valid: false }),
    ]);
  });

  it('tells of bad lines in their place, goes on, and exits 1 at the end', async () => {
    const { code, stdout } = await munadi(['measure', '--platform', 'telegram'], '"a"\n{"b":1}\n\nnonsense\n"👍"\n');
    expect(code).toBe(1);
    const answers = lines(stdout.trimEnd().split('\n'));
    expect(answers.map((one) => Object.keys(one)[0])).toEqual(['length', 'error', 'error', 'error', 'length']);
    expect(answers[4]).toMatchObject({ length: 2, limit: 4096, valid: true });
  });

  it('ends quietly when its reader goes away', async () => {
    const reader = start(['measure', '--platform', 'telegram'], { input: '"a"\n'.repeat(20_000) });
    await reader.says('"length"');
    reader.child.stdout?.destroy();
    const { stderr, signal } = await reader.ended;
    expect(stderr).toBe('');
    expect(signal).toBeNull();
  });
});

describe('wrong use', () => {
  const cases: [string, string[], RegExp][] = [
    ['no command', [], /^$/],
    ['an unknown command', ['pubish'], /no command "pubish".*"publish"/],
    ['a name that every object has', ['constructor'], /no command "constructor"/],
    ['an unknown option', ['preview', '--chanel', 'x'], /--chanel.*\nUsage: munadi preview/],
    ['a name where none belongs', ['start', 'telegram'], /telegram/],
    ['no file', ['preview', '--config', 'config/munadi.yaml'], /Name at least one file/],
    [
      'a file that is not there',
      ['publish', 'none.txt', '--config', 'config/munadi.yaml'],
      /none\.txt: there is no such file/,
    ],
    ['a folder', ['publish', '.', '--config', 'config/munadi.yaml'], /it is a folder/],
    ['a file without end', ['publish', '/dev/zero', '--config', 'config/munadi.yaml'], /larger than an article may be/],
    [
      'an unknown channel',
      ['publish', 'a', '--channel', 'x-fr', '--config', 'config/munadi.yaml'],
      /no channel "x-fr".*x-ar/,
    ],
    ['a time without offset', ['publish', 'a', '--at', '2030-01-01T10:00'], /--at: expected a time with offset/],
    ['a day that is not', ['publish', 'a', '--at', '2030-02-30T10:00Z'], /--at: expected/],
    ['a timeout that is none', ['publish', 'a', '--timeout', '2m'], /--timeout: expected a whole number/],
    ['an unknown platform', ['measure', '--platform', 'toString'], /--platform: expected one of telegram/],
    ['an unknown role', ['worker', 'twitter'], /worker: expected one or more of telegram.*got "twitter"/],
    ['no role', ['worker'], /got nothing/],
    ['a config that is not there', ['status', '--config', 'none.yaml'], /none\.yaml:1 .*no such file/],
  ];

  it.each(cases)('%s is told on standard error, without a stack, and gives 2', async (_, args, message) => {
    const { code, stdout, stderr } = await executeHere(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
    if (args.length > 0) expect(stdout).toBe('');
  });

  it('ends the process with 2', async () => {
    const { code, stdout, stderr } = await munadi(['pubish']);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('"publish"') });
  });
});

describe('check', () => {
  interface Report {
    ok: boolean;
    checks: { name: string; result: string; detail: string }[];
  }

  it('finds the default set-up in order', async () => {
    const result = await executeHere(['check', '--config', config, '--json']);
    const { ok, checks } = json<Report>(result);
    expect([ok, result.code]).toEqual([true, 0]);
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['config', 'redis', 'clock']));
    expect(checks.filter(({ detail }) => /SANDBOX/.test(detail))).toHaveLength(4);
  });

  it('names every problem of a config at once, and every one with what is away', async () => {
    const bad = await folder.write('bad.yaml', `${configText({ timezone: 'Asia/Damaskus' })}\nhtp: 1\n`);
    const away = await folder.write('away.yaml', configText({ redis: { url: 'redis://:geheim@127.0.0.1:1' } }));
    const wrong = await executeHere(['check', '--config', bad, '--json']);
    const gone = await executeHere(['check', '--config', away, '--json']);
    expect(wrong.code).toBe(2);
    const failed = json<Report>(wrong).checks.filter(({ result }) => result === 'failed');
    const details = failed.map(({ detail }) => detail).join('\n');
    for (const key of ['timezone', 'htp']) expect(details).toContain(key);
    expect(gone.code).toBe(1);
    expect(json<Report>(gone).checks).toContainEqual({
      name: 'redis',
      result: 'failed',
      detail: expect.stringMatching(/ECONNREFUSED/),
    });
    expect(gone.stdout + gone.stderr).not.toContain('geheim');
  });
});

describe('trouble that can be foreseen', () => {
  it('is told without a stack: Redis that is away is a failure, a folder that cannot be written a matter of config', async () => {
    const away = await folder.write('away.yaml', configText({ redis: { url: 'redis://:geheim@127.0.0.1:1' } }));
    const nowhere = await folder.write('nowhere.yaml', configText({ data: `${config}/data` }));
    const gone = await executeHere(['status', '--config', away]);
    const unwritable = await executeHere(['publish', article, '--config', nowhere]);
    expect(gone).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/redis:\/\/127\.0\.0\.1:1: .*REFUSED/),
    });
    expect(unwritable).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^data: the folder .* cannot be written/),
    });
    expect(gone.stderr + unwritable.stderr).not.toMatch(/geheim|\n {4}at /);
  });
});

describe('sandbox', () => {
  it('prints one line with each address, answers there, and stops by a signal', async () => {
    const sandbox = start(['sandbox', '--port', '0', '--json']);
    const roots = await sandbox.ready<Record<string, { apiRoot: string }>>();
    expect(Object.keys(roots)).toEqual(['telegram', 'x', 'whatsapp', 'facebook']);
    const answers = await Promise.all(
      Object.values(roots).map(async ({ apiRoot }) => (await fetch(`${apiRoot}/_sandbox/posts`)).json()),
    );
    expect(answers).toEqual([[], [], [], []]);
    expect(await sandbox.stop('SIGINT')).toMatchObject({ code: 0, signal: null });
  });

  it('holds the documented limits from the start with --limits', async () => {
    const sandbox = start(['sandbox', '--port', '0', '--limits', '--json']);
    const roots = await sandbox.ready<Record<string, { apiRoot: string }>>();
    const answers = await Promise.all(
      Object.values(roots).map(async ({ apiRoot }) => (await fetch(`${apiRoot}/_sandbox/limits`)).json()),
    );
    expect(answers).toEqual(Array(4).fill({ on: true, crowd: 0, requests: 0, refused: 0, scopes: [] }));
    expect(await sandbox.stop('SIGINT')).toMatchObject({ code: 0, signal: null });
  });
});

describe('help', () => {
  it('lists every command, and tells how each is used', async () => {
    const all = await munadi(['--help']);
    const one = await executeHere(['publish', '--help']);
    const other = await executeHere(['help', 'status']);
    expect([all.code, one.code, other.code]).toEqual([0, 0, 0]);
    for (const name of ['demo', 'start', 'preview', 'publish', 'measure', 'worker', 'status', 'check', 'sandbox'])
      expect(all.stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(one.stdout).toMatch(/Usage: munadi publish/);
    expect(other.stdout).toMatch(/Usage: munadi status/);
  });
});
