import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import type { Asked } from '../../src/desk/approvals.ts';
import { type Api, startApi } from '../../src/desk/server.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import { configText, createFolder, json } from '../support/command.ts';
import { executeHere } from '../support/execute.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let at: Installation;
let api: Api;
let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;

beforeAll(async () => {
  at = await openInstallation((given) => ({
    ...given,
    channels: given.channels.map((channel) => ({
      ...channel,
      ...(channel.id === 'x-ar' ? { filters: { section: ['رياضة'] } } : {}),
      rhythm: { collect: false, late: 'next', breaking: 'windows', approve: { over: 0, breaking: true } },
    })),
  }));
  await startRoles(at.runtime, ['telegram', 'facebook', 'articles']);
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
  folder = await createFolder();
  config = await folder.write('munadi.yaml', configText({ data: at.config.dataDir }));
});
afterAll(async () => {
  await at.close();
  await folder.remove();
});

const munadi = (...args: string[]) => executeHere([...args, '--config', config]);
const call = async (path: string, body?: unknown) => {
  const response = await fetch(api.address + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
};

async function ask(): Promise<{ article: string; title: string; deliveries: string[] }> {
  const draft = draftArticle();
  const { article, deliveries } = await ingest(at.runtime.ingest, draft, { channels: ['telegram-ar', 'facebook-ar'] });
  const ids = deliveries.map(({ id }) => id);
  const waits = async () => (await at.runtime.deliveries.get(ids)).map(({ waitsFor }) => waitsFor);
  await expect.poll(waits, { timeout: 10_000 }).toEqual(Array(2).fill('a person to say yes'));
  return { article: article.id, title: draft.title, deliveries: ids };
}
const finish = (ids: string[]) => follow(at.runtime, ids, { timeoutMs: 10_000 });

describe('what waits for a person', () => {
  it('is shown with its text, on the page and over HTTP too, until somebody says yes to the article', async () => {
    const { article, title, deliveries } = await ask();
    const shown = await munadi('approve');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('telegram-ar (telegram');
    expect(shown.stdout).toContain(`yes: approve ${deliveries[0]}   no: reject ${deliveries[0]}`);
    const asked = json<Asked[]>(await munadi('approve', '--json'));
    expect(asked.filter((one) => one.article === article).map(({ channel }) => channel)).toEqual(
      expect.arrayContaining(['telegram-ar', 'facebook-ar']),
    );
    expect(((await call('/api/approvals')).json.approvals as Asked[]).map((one) => one.title)).toContain(title);
    expect((await munadi('status')).stdout).toContain(`waits for a yes: ${deliveries[0]}`);
    const page = await (await fetch(api.address)).text();
    expect(page).toContain('Waiting for a person to say yes');
    expect(page).toContain(title);

    const said = await munadi('approve', article, '--json');
    expect([said.code, json<Delivery[]>(said).length]).toEqual([0, 2]);
    expect((await finish(deliveries)).map(({ state }) => state)).toEqual(['published', 'published']);
    const late = await munadi('approve', deliveries[0] ?? '');
    expect([late.code, late.stderr]).toEqual([
      1,
      `Delivery "${deliveries[0]}" is published: it is on the channel already.\n`,
    ]);
  });

  it('is cancelled by a no', async () => {
    const { deliveries } = await ask();
    expect((await munadi('reject', deliveries[0] ?? '')).code).toBe(0);
    expect((await call(`/api/deliveries/${deliveries[1]}/reject`, {})).json).toMatchObject({
      delivery: { state: 'cancelled' },
    });
    expect((await finish(deliveries)).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
    expect((await call(`/api/deliveries/${deliveries[1]}/approve`, {})).status).toBe(409);
    expect((await munadi('why', deliveries[0] ?? '')).stdout).toContain('cancelled – a person said no');
  });

  it('is named rightly, or nothing is said', async () => {
    expect(await munadi('approve', 'nothing')).toMatchObject({
      code: 2,
      stderr: 'There is no article and no delivery "nothing".\n',
    });
    expect((await munadi('reject')).code).toBe(2);
    expect((await call('/api/deliveries/nothing/approve', {})).status).toBe(404);
  });
});

describe('an embargo', () => {
  it('is moved and lifted by command and over HTTP', async () => {
    const embargoUntil = new Date(Date.now() + 3_600_000).toISOString();
    const draft = draftArticle({ embargoUntil });
    const { article, deliveries } = await ingest(at.runtime.ingest, draft, { channels: ['telegram-ar'] });
    const later = '2037-01-01T00:00:00.000Z';
    expect(await munadi('embargo', article.id, '--until', later)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${article.id} waits until ${later}.`),
    });
    expect((await at.runtime.deliveries.get([deliveries[0]?.id ?? '']))[0]?.dueAt).toBe(later);
    expect((await call(`/api/articles/${article.id}/embargo`, { embargoUntil })).json).toMatchObject({
      article: { embargoUntil },
    });
    const lifted = json<{ article: object }>(await munadi('embargo', article.id, '--lift', '--json'));
    expect(lifted.article).not.toHaveProperty('embargoUntil');
    await munadi('approve', deliveries[0]?.id ?? '');
    expect((await finish([deliveries[0]?.id ?? '']))[0]).toMatchObject({ state: 'published' });
  });

  it('is refused where it is no time, or of nothing', async () => {
    for (const args of [[], ['--until', 'tomorrow'], ['--until', '2037-01-01T00:00:00Z', '--lift']]) {
      expect((await munadi('embargo', 'a', ...args)).code).toBe(2);
    }
    expect((await munadi('embargo', 'nothing', '--lift')).code).toBe(2);
    expect((await call('/api/articles/nothing/embargo', { embargoUntil: null })).status).toBe(404);
    for (const body of [{}, { embargoUntil: 'soon' }, { embargoUntil: null, more: 1 }]) {
      expect((await call('/api/articles/nothing/embargo', body)).status).toBe(422);
    }
  });
});

describe('why', () => {
  it('names the rule by which a channel did not take an article', async () => {
    const { article } = await ingest(at.runtime.ingest, draftArticle({ section: 'سياسة' }));
    const { stdout } = await munadi('why', article.id);
    expect(stdout).toContain('not to x-ar: its section is not one of: رياضة');
  });
});
