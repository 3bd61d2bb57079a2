import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { type Api, startApi } from '../../src/desk/server.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { configText, createFolder, json } from '../support/command.ts';
import { executeHere } from '../support/execute.ts';
import { claimOf, draftArticle, failureOf, type Installation, openInstallation } from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const token = 'a-token-of-the-desk-for-tests';
let at: Installation;
let api: Api;
let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;

beforeAll(async () => {
  at = await openInstallation((config) => {
    const [telegram] = config.channels.filter(({ id }) => id === 'telegram-ar');
    if (!telegram) throw new Error('no channel');
    const long = { ...telegram, id: 'telegram-long', settings: { ...telegram.settings, messages: 4 } };
    return { ...config, channels: [...config.channels, long], http: { ...config.http, token } };
  });
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
  folder = await createFolder();
  config = await folder.write('munadi.yaml', configText({ data: at.config.dataDir }));
});
afterAll(async () => {
  await at.close();
  await folder.remove();
});
afterEach(() => at.sandbox.setFaults('telegram', {}));

const munadi = (...args: string[]) => executeHere([...args, '--config', config]);
const now = async (id: string) => (await at.runtime.deliveries.get([id]))[0];
const postsOf = ({ title }: ArticleDraft) => at.sandbox.posts('telegram').filter(({ text }) => text.includes(title));
const finish = async (id: string) => (await follow(at.runtime, [id], { timeoutMs: 20_000 }))[0];

/** A post on Telegram whose answer is lost, before or after it was accepted. */
async function hold(when: 'before' | 'after', draft = draftArticle(), skip = 0, channel = 'telegram-ar') {
  at.sandbox.setFaults('telegram', { rules: [{ skip, times: 1, fault: { kind: `reset-${when}` } }] });
  const { article, deliveries } = await ingest(at.runtime.ingest, draft, { channels: [channel] });
  const held = await finish(deliveries[0]?.id ?? '');
  expect(held).toMatchObject({ state: 'unconfirmed', held: true });
  return { id: held?.id ?? '', article, draft };
}

/** Two deliveries of one article; `channels` of it are unconfirmed, and the platform is being asked. */
async function leaveAsking(...channels: string[]) {
  const all = ['x-ar', 'facebook-ar'];
  const far = Date.now() + 600_000;
  const { article, deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: all, at: far });
  const { redis } = at.runtime;
  const ids: string[] = [];
  for (const { id, channel } of deliveries.filter(({ channel }) => channels.includes(channel))) {
    await redis.hset(`munadi:delivery:${id}`, 'due', Date.now() - 1_000, 'wish', 0);
    expect((await at.runtime.deliveries.claim(claimOf(id, 't', { channel, way: 'find' }))).verdict).toBe('claimed');
    await at.runtime.deliveries.settle(failureOf(id, 't', 'unconfirmed', { waitMs: 600_000 }));
    ids.push(id);
  }
  return { article, ids };
}

const call = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(api.address + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
};

describe('resolve --published', () => {
  it('records the address of the post and its id, and sends nothing', async () => {
    const { id, draft } = await hold('after');
    const { code, stdout, stderr } = await munadi('resolve', id, '--published', 'https://t.me/newsroom/77', '--json');
    expect([code, stderr]).toEqual([0, '']);
    expect(json<Delivery>({ stdout, stderr })).toMatchObject({
      ...{ id, state: 'published', held: false, failure: null },
      ...{ remoteId: '@newsroom/77', url: 'https://t.me/newsroom/77', attempts: 1 },
    });
    expect(postsOf(draft)).toHaveLength(1);
    expect((await at.runtime.deliveries.history(id)).at(-1)).toMatchObject({ event: 'resolved', reason: 'published' });
  });

  it('takes an id where there is no address', async () => {
    const { id } = await hold('after');
    expect(await munadi('resolve', id, '--published', '@newsroom/78')).toMatchObject({ code: 0 });
    expect(await now(id)).toMatchObject({ state: 'published', remoteId: '@newsroom/78', url: null });
  });

  it('of one part of several lets the rest follow, and says so', async () => {
    const draft = draftArticle();
    const [number = '0'] = /\d+/.exec(draft.title) ?? [];
    draft.paragraphs = Array.from(
      { length: 110 },
      (_, n) => `وأوضحت البلدية في البند ${n} عن الحديقة ${number} أن فرق العمل أنجزت ما يزيد على نصف الطريق الجديد.`,
    );
    const { id } = await hold('after', draft, 1, 'telegram-long');
    const ofThis = () => at.sandbox.posts('telegram').filter(({ text }) => text.includes(` ${number} `));
    expect(ofThis()).toHaveLength(2);
    const { code, stdout } = await munadi('resolve', id, '--published', ofThis()[1]?.id ?? '');
    expect(code).toBe(0);
    expect(stdout).toContain('The rest of the post follows.');
    expect(await finish(id)).toMatchObject({ state: 'published' });
    const texts = ofThis().map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(2);
    expect(new Set(texts).size).toBe(texts.length);
    expect((await now(id))?.parts.map(({ remoteId }) => remoteId)).toEqual(ofThis().map((post) => post.id));
  });
});

describe('resolve --not-published', () => {
  it('sends it again, once', async () => {
    const { id, article, draft } = await hold('before');
    expect(postsOf(draft)).toHaveLength(0);
    // By the article's id, as only one of its deliveries is unconfirmed.
    const { code, stdout } = await munadi('resolve', article.id, '--not-published');
    expect([code, stdout]).toEqual([0, expect.stringContaining(`${id} (telegram-ar) is queued again.`)]);
    expect(await finish(id)).toMatchObject({ state: 'published', attempts: 2 });
    expect(postsOf(draft)).toHaveLength(1);
  });
});

describe('resolve', () => {
  it('settles what the platform is still being asked about', async () => {
    const { ids } = await leaveAsking('x-ar');
    expect(await now(ids[0] ?? '')).toMatchObject({ state: 'unconfirmed', held: false });
    expect(await munadi('resolve', ids[0] ?? '', '--published', 'https://x.com/news/status/5')).toMatchObject({
      code: 0,
    });
    expect(await now(ids[0] ?? '')).toMatchObject({ state: 'published', remoteId: '5' });
  });

  it('refuses what is not unconfirmed, and says the state', async () => {
    const { id } = await hold('after');
    expect(await munadi('resolve', id, '--published', '@newsroom/1')).toMatchObject({ code: 0 });
    const again = await munadi('resolve', id, '--not-published');
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('is published');
    expect(await now(id)).toMatchObject({ state: 'published', remoteId: '@newsroom/1' });
  });

  it('wants exactly one word, and one delivery that is there', async () => {
    const { id } = await hold('after');
    const { article, ids } = await leaveAsking('x-ar', 'facebook-ar');
    const none = await leaveAsking();
    for (const [args, told] of [
      [[id], '--published URL'],
      [[id, '--published', 'https://t.me/newsroom/2', '--not-published'], 'one of the two'],
      [[id, '--published', ' '], 'it is empty'],
      [[id, '--published', 'two words'], 'spaces'],
      [['--not-published'], 'Name one delivery'],
      [['nothing-here', '--not-published'], 'nothing-here'],
      [[article.id, '--not-published'], 'Several'],
      [[none.article.id, '--not-published'], 'No delivery'],
    ] as const) {
      const { code, stdout, stderr } = await munadi('resolve', ...args);
      expect([code, stdout], args.join(' ')).toEqual([2, '']);
      expect(stderr, args.join(' ')).toContain(told);
      if (told === 'Several') for (const one of ids) expect(stderr).toContain(one);
    }
    expect(await now(id)).toMatchObject({ state: 'unconfirmed', held: true });
  });
});

describe('the API', () => {
  it('settles a delivery, and tells its story', async () => {
    const { id, draft } = await hold('after');
    const story = await call(`/api/deliveries/${id}`);
    const { delivery, history, posts } = JSON.parse(story.text);
    expect([story.status, delivery.id, delivery.state]).toEqual([200, id, 'unconfirmed']);
    expect(history.map(({ event }: { event: string }) => event)).toEqual(['sending', 'unconfirmed']);
    expect(posts[history[0].post].parts[0].text).toContain(draft.title.split(' ')[0]);

    const answer = await call(`/api/deliveries/${id}/resolve`, { published: true, url: 'https://t.me/newsroom/80' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text).delivery).toMatchObject({ id, state: 'published', remoteId: '@newsroom/80' });
    const again = await call(`/api/deliveries/${id}/resolve`, { published: false });
    expect([again.status, JSON.parse(again.text).error.code]).toEqual([409, 'not-unconfirmed']);
  });

  it('sends again what is not there', async () => {
    const { id, draft } = await hold('before');
    expect((await call(`/api/deliveries/${id}/resolve`, { published: false })).status).toBe(200);
    expect(await finish(id)).toMatchObject({ state: 'published' });
    expect(postsOf(draft)).toHaveLength(1);
  });

  const bodies: [string, number, unknown, string][] = [
    ['no word', 422, {}, 'published'],
    ['a word that is none', 422, { published: 'yes' }, 'published'],
    ['no address', 422, { published: true }, 'url'],
    ['an empty address', 422, { published: true, url: '' }, 'url'],
    ['an address for what is absent', 422, { published: false, url: 'https://t.me/newsroom/1' }, 'url'],
    ['an unknown key', 422, { published: false, publishd: true }, 'publishd'],
    ['a list', 422, [], 'Expected'],
    ['no JSON', 400, '{"published":', 'no JSON'],
    ['nothing', 400, '', 'no body'],
  ];
  it.each(bodies)('refuses a body with %s', async (_what, status, body, told) => {
    const { ids } = await leaveAsking('x-ar');
    const answer = await call(`/api/deliveries/${ids[0]}/resolve`, body);
    expect([answer.status, JSON.parse(answer.text).error.message]).toEqual([status, expect.stringContaining(told)]);
    expect(await now(ids[0] ?? '')).toMatchObject({ state: 'unconfirmed' });
  });

  it('knows no other delivery, no other method, and nobody without the token', async () => {
    const { ids } = await leaveAsking('x-ar');
    expect((await call('/api/deliveries/d0', undefined)).status).toBe(404);
    expect((await call('/api/deliveries/d0/resolve', { published: false })).status).toBe(404);
    expect((await call(`/api/deliveries/${ids[0]}/resolve`)).status).toBe(405);
    const stranger = await call(
      `/api/deliveries/${ids[0]}/resolve`,
      { published: false },
      { authorization: 'Bearer no' },
    );
    expect(stranger.status).toBe(401);
    expect(await now(ids[0] ?? '')).toMatchObject({ state: 'unconfirmed' });
  });
});

describe('what people see', () => {
  it('tells what is held, with the commands to settle it, from what is still being asked about', async () => {
    const { id, draft } = await hold('after');
    const { ids } = await leaveAsking('facebook-ar');
    const { stdout } = await munadi('status', '--json');
    const state = JSON.parse(stdout);
    const idsOf = (list: Delivery[]) => list.map((one) => one.id);
    expect(idsOf(state.held)).toContain(id);
    expect(idsOf(state.held)).not.toContain(ids[0]);
    expect(idsOf(state.asking)).toContain(ids[0]);
    expect(idsOf(state.asking)).not.toContain(id);
    const { held, asking, oldestHeldAt } = state.unconfirmed;
    expect(held + asking).toBe(state.deliveries.unconfirmed);
    expect(Date.parse(oldestHeldAt)).toBeLessThanOrEqual(Date.now());

    const words = (await munadi('status')).stdout;
    expect(words).toContain(`npm run -s munadi -- resolve ${id} --published URL --config ${config}`);
    expect(words).toContain(`npm run -s munadi -- resolve ${id} --not-published --config ${config}`);
    expect(words).toMatch(new RegExp(`asking: ${ids[0]} .*being settled with the platform`));
    expect(words).not.toContain(`resolve ${ids[0]}`);

    const page = (await call('/')).text;
    const first = page.slice(page.indexOf('<main>'), page.indexOf('class="counts"'));
    const [opening = ''] = draft.paragraphs[0]?.split(' هي ') ?? [];
    for (const part of [`resolve ${id} --published URL`, `resolve ${id} --not-published`, opening, 'since']) {
      expect(first).toContain(part);
    }
    expect(first).toContain((await now(id))?.failure?.reason);
    expect(page).toContain('Being settled with the platform');

    const numbers = (await call('/metrics')).text;
    const number = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(numbers)?.[1]);
    expect([number('munadi_held'), number('munadi_asking')]).toEqual([held, asking]);
    expect(number('munadi_oldest_held_seconds')).toBeGreaterThan(0);
  });

  it('is warned by check of what a Redis can lose that does not keep every write', async () => {
    const { redis } = at.runtime;
    const check = async () => {
      const { code, stdout } = await munadi('check', '--json');
      const checks = JSON.parse(stdout).checks as { name: string; result: string; detail: string }[];
      return [code, checks.find(({ name }) => name === 'redis')];
    };
    try {
      expect(await check()).toEqual([0, expect.objectContaining({ result: 'ok' })]);
      await redis.config('SET', 'appendfsync', 'everysec');
      const detail = expect.stringMatching(/everysec.*can lose.*twice/);
      expect(await check()).toEqual([0, expect.objectContaining({ result: 'warning', detail })]);
    } finally {
      await redis.config('SET', 'appendfsync', 'always');
    }
  });
});
