import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Article } from '../../src/core/article.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { type Api, startApi } from '../../src/desk/server.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { configText, createFolder, json } from '../support/command.ts';
import { executeHere } from '../support/execute.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

type Rows = { article: Article; deliveries: (Delivery & { verdict: string })[] }[];

const token = 'a-token-of-the-desk-for-tests';
let at: Installation;
let api: Api;
let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;

beforeAll(async () => {
  at = await openInstallation((config) => ({ ...config, http: { ...config.http, token } }));
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
  folder = await createFolder();
  config = await folder.write('munadi.yaml', configText({ data: at.config.dataDir }));
});
afterAll(async () => {
  await at.close();
  await folder.remove();
});
afterEach(() => {
  for (const id of ['x', 'facebook', 'telegram']) at.sandbox.setFaults(id, {});
});

const munadi = (...args: string[]) => executeHere([...args, '--config', config]);
const now = async (id: string) => (await at.runtime.deliveries.get([id]))[0];
const finish = async (id: string) => (await follow(at.runtime, [id], { timeoutMs: 20_000 }))[0];
const idsOf = (rows: Rows) => rows.flatMap(({ deliveries }) => deliveries.map(({ id }) => id));

/** An article that X refuses, and Facebook too where it is named. What refused it is put right. */
async function refuse(...others: 'facebook'[]) {
  for (const id of ['x', ...others]) {
    at.sandbox.setFaults(id, { rules: [{ on: 'publish', fault: { kind: 'refuse', status: 403 } }] });
  }
  const channels = ['x-ar', 'facebook-ar'];
  const draft = draftArticle();
  const { article, deliveries } = await ingest(at.runtime.ingest, draft, { channels });
  const ended = await follow(
    at.runtime,
    deliveries.map(({ id }) => id),
    { timeoutMs: 20_000 },
  );
  for (const id of ['x', ...others]) at.sandbox.setFaults(id, {});
  const [x, facebook] = ended;
  expect(x).toMatchObject({ state: 'rejected' });
  return { article, draft, x: x?.id ?? '', facebook: facebook?.id ?? '' };
}
const postsOf = (platform: string, { title }: { title: string }) =>
  at.sandbox.posts(platform).filter(({ text }) => text.includes(title));

/** Nothing that earlier tests have left failed. */
async function clear(): Promise<void> {
  await munadi('retry', '--failed');
  for (const state of ['scheduled', 'retryable', 'sending'] as const) {
    const open = await at.runtime.deliveries.list(state, 1_000);
    await follow(
      at.runtime,
      open.map(({ id }) => id),
      { timeoutMs: 20_000 },
    );
  }
}

const call = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(api.address + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, json: JSON.parse(await response.text()) };
};

describe('retry by name', () => {
  it('sends a delivery again, and says so to people', async () => {
    const { x, draft } = await refuse();
    const { code, stdout, stderr } = await munadi('retry', x);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(new RegExp(`^Queued again: 1\n {2}${x} {2}x-ar`));
    expect(await finish(x)).toMatchObject({ state: 'published', attempts: 1 });
    expect(postsOf('x', draft)).toHaveLength(1);
  });

  it('of an article sends all that has failed of it, and nothing else', async () => {
    const one = await refuse();
    const two = await refuse('facebook');
    const { code, stdout, stderr } = await munadi('retry', one.article.id, two.article.id, '--json');
    expect([code, stderr]).toEqual([0, '']);
    const rows = json<Rows>({ stdout, stderr });
    expect(rows.map(({ article }) => article.title)).toEqual([one.draft.title, two.draft.title]);
    expect(idsOf(rows)).toEqual([one.x, two.x, two.facebook]);
    for (const { verdict, failure, attempts } of rows.flatMap(({ deliveries }) => deliveries)) {
      expect([verdict, failure, attempts]).toEqual(['retried', null, 0]);
    }
    for (const id of idsOf(rows)) expect(await finish(id)).toMatchObject({ state: 'published' });
    for (const { draft } of [one, two]) {
      expect([postsOf('x', draft).length, postsOf('facebook', draft).length]).toEqual([1, 1]);
    }
  });

  it('refuses what has not failed, sends the rest, and exits 1', async () => {
    const { article, x, facebook } = await refuse();
    const { code, stdout, stderr } = await munadi('retry', x, facebook, '--json');
    expect(code).toBe(1);
    expect(stderr).toContain(`"${facebook}" is published`);
    const verdicts = json<Rows>({ stdout, stderr }).flatMap(({ deliveries }) => deliveries.map((one) => one.verdict));
    expect(verdicts).toEqual(['retried', 'refused']);
    expect(await finish(x)).toMatchObject({ state: 'published' });
    const none = await munadi('retry', article.id);
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringContaining(`No delivery of article ${article.id} has failed`),
    ]);
  });

  it('leads to resolve where the post may be live', async () => {
    at.sandbox.setFaults('telegram', { rules: [{ on: 'publish', times: 1, fault: { kind: 'reset-after' } }] });
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['telegram-ar'] });
    const id = deliveries[0]?.id ?? '';
    expect(await finish(id)).toMatchObject({ state: 'unconfirmed', held: true });
    const { code, stderr } = await munadi('retry', id);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`"resolve ${id}"`)]);
    expect(await now(id)).toMatchObject({ state: 'unconfirmed', held: true });
  });
});

describe('retry --failed', () => {
  it('with --dry-run shows what would be sent, with the reason, and sends nothing', async () => {
    await clear();
    const { x, facebook } = await refuse('facebook');
    const { code, stdout } = await munadi('retry', '--failed', '--dry-run');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Would be sent again: 2\n/)]);
    for (const id of [x, facebook]) expect(stdout).toMatch(new RegExp(`${id} .*rejected – .+`));
    expect(await now(x)).toMatchObject({ state: 'rejected' });
  });

  it('sends those that the filter means, up to the limit', async () => {
    await clear();
    const all = [await refuse('facebook'), await refuse('facebook')];
    const dry = async (...args: string[]) =>
      idsOf(json<Rows>(await munadi('retry', '--failed', '--dry-run', '--json', ...args)));
    expect(await dry('--platform', 'facebook')).toEqual(all.map(({ facebook }) => facebook));
    expect(await dry('--channel', 'x-ar')).toEqual(all.map(({ x }) => x));
    expect(await dry('--code', '403')).toEqual(all.map(({ x }) => x));
    expect(await dry('--state', 'discarded')).toEqual([]);
    expect(await dry('--since', '1h')).toHaveLength(4);
    expect(await dry('--since', new Date(Date.now() + 60_000).toISOString())).toEqual([]);
    expect(await dry('--limit', '3')).toHaveLength(3);
    const { code, stdout } = await munadi('retry', '--failed', '--platform', 'x', '--limit', '1');
    expect([code, stdout]).toEqual([0, expect.stringContaining(all[0]?.x ?? '')]);
    expect(await finish(all[0]?.x ?? '')).toMatchObject({ state: 'published' });
    expect(await now(all[1]?.x ?? '')).toMatchObject({ state: 'rejected' });
    expect(await munadi('retry', '--failed', '--platform', 'whatsapp')).toMatchObject({
      ...{ code: 0, stdout: 'No failed delivery is meant.\n' },
    });
  });
});

describe('wrong use of retry', () => {
  const cases: [string, string[], RegExp][] = [
    ['nothing', [], /Name deliveries or articles, or say --failed/],
    ['names beside --failed', ['d1', '--failed'], /or say --failed/],
    ['a filter beside names', ['d1', '--channel', 'x-ar'], /--channel .*only with --failed/],
    ['an unknown channel', ['--failed', '--channel', 'x-er'], /--channel: expected "x-ar" perhaps/],
    ['an unknown platform', ['--failed', '--platform', 'y'], /--platform: expected one of telegram/],
    ['a time without offset', ['--failed', '--since', '2026-05-01T10:00'], /--since: expected a time with offset/],
    [
      'a state that has not failed',
      ['--failed', '--state', 'published'],
      /--state: expected one of rejected, discarded/,
    ],
    ['a limit that is none', ['--failed', '--limit', '-1e3'], /limit/],
    ['too high a limit', ['--failed', '--limit', '10001'], /--limit: expected a whole number from 1 to 10000/],
    ['all of it at once', ['--failed', '--since', 'x', '--state', 'y'], /--state: [\s\S]*--since: /],
    ['unknown names', ['nothing-here', 'nor-here'], /"nothing-here"\.\n.*"nor-here"/],
  ];
  it.each(cases)('with %s gives 2 and says why', async (_what, args, message) => {
    const { code, stdout, stderr } = await munadi('retry', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('sends nothing again where one of the names is unknown', async () => {
    const { x } = await refuse();
    const { code, stderr } = await munadi('retry', x, 'nothing-here');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Nothing was sent again.')]);
    expect(await now(x)).toMatchObject({ state: 'rejected' });
  });
});

describe('the API', () => {
  it('sends one again, and refuses it with its state once it is published', async () => {
    const { x, draft } = await refuse();
    const answer = await call(`/api/deliveries/${x}/retry`);
    expect([answer.status, answer.json.delivery]).toEqual([202, expect.objectContaining({ id: x, attempts: 0 })]);
    expect(await finish(x)).toMatchObject({ state: 'published' });
    const again = await call(`/api/deliveries/${x}/retry`);
    expect([again.status, again.json.error.code]).toEqual([409, 'not-failed']);
    expect(again.json.error.message).toContain('is published');
    expect(again.json.delivery).toMatchObject({ id: x, state: 'published' });
    expect((await call('/api/deliveries/d0/retry')).status).toBe(404);
    expect(postsOf('x', draft)).toHaveLength(1);
  });

  it('sends again what a filter means', async () => {
    await clear();
    const { x, facebook } = await refuse('facebook');
    const dry = await call('/api/deliveries/retry', { dryRun: true });
    expect([dry.status, dry.json.retried]).toEqual([200, 0]);
    expect(dry.json.deliveries.map(({ id }: Delivery) => id)).toEqual(expect.arrayContaining([x, facebook]));
    const filter = { platform: 'facebook', since: '1h', state: 'rejected', limit: 10 };
    const answer = await call('/api/deliveries/retry', filter);
    expect([answer.status, answer.json]).toEqual([
      202,
      { retried: 1, refused: 0, deliveries: [expect.objectContaining({ id: facebook, failure: null })] },
    ]);
    expect(await finish(facebook)).toMatchObject({ state: 'published' });
    expect(await now(x)).toMatchObject({ state: 'rejected' });
  });

  const bodies: [string, number, unknown, string][] = [
    ['an unknown key', 422, { chanel: 'x-ar' }, '"chanel": there is no such key'],
    ['a channel that there is not', 422, { channel: 'x-en' }, 'channel: expected'],
    ['a code that is a number', 422, { code: 403 }, 'code: expected'],
    ['a limit as text', 422, { limit: '5' }, 'limit: expected'],
    ['a dry run that is neither', 422, { dryRun: 'yes' }, 'dryRun'],
    ['a list', 422, [], 'Expected a filter'],
    ['no JSON', 400, '{"code":', 'no JSON'],
    ['nothing', 400, '', 'no body'],
  ];
  it.each(bodies)('refuses a filter with %s', async (_what, status, body, message) => {
    const { x } = await refuse();
    const answer = await call('/api/deliveries/retry', body);
    expect([answer.status, answer.json.error.message]).toEqual([status, expect.stringContaining(message)]);
    expect(await now(x)).toMatchObject({ state: 'rejected' });
  });

  it('knows no other method, and nobody without the token', async () => {
    const { x } = await refuse();
    for (const path of [`/api/deliveries/${x}/retry`, '/api/deliveries/retry']) {
      expect((await call(path, {}, { authorization: 'Bearer no' })).status, path).toBe(401);
      const headers = { authorization: `Bearer ${token}` };
      const other = await fetch(api.address + path, { method: 'DELETE', headers });
      expect([other.status, other.headers.get('allow')], path).toEqual([405, 'POST']);
    }
    expect(await now(x)).toMatchObject({ state: 'rejected' });
  });
});

describe('what people see of failed deliveries', () => {
  it('is how to send them again', async () => {
    const { x, article } = await refuse();
    const hint = (id: string) => `npm run -s munadi -- retry ${id} --config ${config}`;
    expect((await munadi('status')).stdout).toContain(hint('ID'));
    expect((await munadi('status', x)).stdout).toContain(hint(article.id));
    expect((await munadi('why', x)).stdout).toContain(hint(x));
    const page = await fetch(api.address, { headers: { authorization: `Bearer ${token}` } });
    const text = await page.text();
    const failed = text.slice(text.indexOf('Not posted'));
    for (const id of ['ID', '--failed']) expect(failed).toContain(`npm run -s munadi -- retry ${id}`);
  });

  it('is the whole story, also of one that did not arrive the first time', async () => {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['whatsapp-ar'] });
    const id = deliveries[0]?.id ?? '';
    const first = await finish(id);
    const remoteId = first?.remoteId ?? '';
    const failure = { code: '131049', reason: 'not delivered' };
    await at.runtime.deliveries.report([
      { delivery: id, remoteId, status: 'failed', at: '2026-01-01T00:00:00Z', failure },
    ]);
    await munadi('retry', id);
    const second = await finish(id);
    const { stdout } = await munadi('why', id);
    const rows = stdout.split('\n').map((row) => row.slice(24));
    const steps = [
      'attempt 1: the post',
      'the post is published',
      'whatsapp reports – not delivered',
      'a person sends it',
    ];
    const places = steps.map((step) => rows.findIndex((row) => row.startsWith(step)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const [before, after] = [stdout.slice(0, stdout.indexOf('a person')), stdout.slice(stdout.indexOf('a person'))];
    expect([before.includes(remoteId), before.includes(second?.remoteId ?? '')]).toEqual([true, false]);
    expect([after.includes(remoteId), after.includes(second?.remoteId ?? '')]).toEqual([false, true]);
    expect(after).toContain('with the same text as before');
  });
});
