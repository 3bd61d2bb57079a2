import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import { type Api, startApi } from '../../src/desk/server.ts';
import { configText, createFolder, json } from '../support/command.ts';
import { executeHere } from '../support/execute.ts';
import { draftArticle } from '../support/installation.ts';
import { crowd, type ListStage, openListStage } from '../support/list-stage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const count = 130;
let at: ListStage;
let api: Api;
let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;

beforeAll(async () => {
  at = await openListStage();
  await at.people(crowd(count));
  await at.work();
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
  folder = await createFolder();
  const channels = [{ id: 'whatsapp-ar', account: 'whatsapp-main', subscribers: true }];
  const accounts = { 'whatsapp-main': { platform: 'whatsapp' } };
  config = await folder.write('munadi.yaml', configText({ data: at.config.dataDir, accounts, channels }));
});
afterAll(async () => {
  await at.close();
  await folder.remove();
});
afterEach(() => at.sandbox.setFaults('whatsapp', {}));

const munadi = (...args: string[]) => executeHere([...args, '--config', config]);
const refuse = (code: number, times: number) =>
  at.sandbox.setFaults('whatsapp', {
    rules: [{ on: 'publish', skip: 0, times, fault: { kind: 'refuse', status: 400, code } }],
  });

describe('a list on the command line', () => {
  it('is followed by publish --wait, which tells how far it is, and is one row', async () => {
    const { title, paragraphs } = draftArticle();
    const file = await folder.write('news.txt', [title, ...paragraphs].join('\n\n'));
    const { code, stdout, stderr } = await munadi('publish', file, '--wait', '--json');
    expect(code, stderr).toBe(0);
    const [row] = json<{ deliveries: Delivery[] }[]>({ stdout, stderr });
    expect(row?.deliveries).toMatchObject([{ state: 'published', list: { total: count, isDone: true } }]);
    expect(stderr).toMatch(/whatsapp-ar: 100 % – 130 people: 130 published/);
  });

  it('tells by person what became of them', async () => {
    refuse(131009, 2);
    const { id } = await at.accept();
    await at.done(id);
    const rejected = await munadi('recipients', id, '--state', 'rejected');
    expect(rejected.stdout.trim().split('\n')).toHaveLength(2);
    expect(rejected.stdout).toMatch(/\+9639000\d{5}.*rejected.*131009/);
    expect(rejected.stderr).toContain('because of 131009: 2');
    const all = await munadi('recipients', id, '--json');
    const rows = all.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { state: string });
    expect(rows).toHaveLength(count);
    expect((await munadi('status', id)).stdout).toContain(`${count - 2} published`);
    expect((await munadi('recipients', 'd0')).code).toBe(2);
    expect((await munadi('recipients', id, '--state', 'gone')).stderr).toContain('--state: expected one of');
  });

  it('sends again to those whom it failed, by the id of the delivery', async () => {
    refuse(131009, 2);
    const { id, title } = await at.accept();
    await at.done(id);
    const { code, stdout } = await munadi('retry', id, '--json');
    expect(code, stdout).toBe(0);
    await at.until(id, ({ list }) => list?.states.published === count);
    expect(at.posts(title)).toHaveLength(count);
    const again = await munadi('retry', id);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('none of its people')]);
  });

  it('is stopped in the middle by cancel, here or over HTTP', async () => {
    const slow = { on: 'publish' as const, skip: 0, times: 1_000, fault: { kind: 'delay' as const, ms: 200 } };
    for (const stop of [
      async (id: string) => (await munadi('cancel', id)).code,
      async (id: string) =>
        (await fetch(`${api.address}/api/deliveries/${id}/cancel`, { method: 'POST' })).status - 200,
    ]) {
      at.sandbox.setFaults('whatsapp', { rules: [slow] });
      const { id, title } = await at.accept();
      await at.until(id, ({ list }) => (list?.states.published ?? 0) > 10);
      expect(await stop(id)).toBe(0);
      at.sandbox.setFaults('whatsapp', {});
      const { list } = await at.done(id);
      expect(list?.states.cancelled).toBeGreaterThan(0);
      expect(at.posts(title)).toHaveLength(list?.states.published ?? 0);
    }
    const none = await fetch(`${api.address}/api/deliveries/d0/cancel`, { method: 'POST' });
    expect(none.status).toBe(404);
  });
});

describe('a list for machines and on the desk', () => {
  it('is in the metrics by state and status, and on the desk with its numbers', async () => {
    const { id, title } = await at.accept();
    await at.done(id);
    const metrics = await (await fetch(`${api.address}/metrics`)).text();
    expect(metrics).toMatch(/munadi_list_people\{state="published"\} \d+/);
    expect(metrics).toMatch(/munadi_list_failures\{code="131009"\} 2/);
    expect(metrics).toMatch(/munadi_list_statuses\{status="accepted"\} \d+/);
    const page = await (await fetch(`${api.address}/`)).text();
    expect(page).toContain(title);
    expect(page).toContain(`${count} people: ${count} published`);
  });

  it('is forgotten with its article, and its remote ids before that', async () => {
    const { id } = await at.accept();
    await at.done(id);
    const keys = async () => (await at.runtime.redis.keys(`munadi:fanout:${id}*`)).length;
    expect(await keys()).toBe(1 + 2 * 3);
    await at.runtime.fanouts.compact(Date.now() + 1_000);
    expect(await keys()).toBe(1 + 2 * 2);
    expect((await at.rows(id)).every(({ remoteId, state }) => remoteId === null && state === 'published')).toBe(true);
    await at.runtime.articles.prune(Date.now() + 1_000);
    expect(await keys()).toBe(0);
  });
});
