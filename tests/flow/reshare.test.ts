import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Channel } from '../../src/core/channel.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { releaseEvergreen, reshare } from '../../src/pipeline/reshare.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;
const hour = 3_600_000;

beforeAll(async () => {
  at = await openInstallation();
  await startRoles(at.runtime, ['x', 'articles']);
});
afterAll(() => at.close());

const deps = () => ({ ...at.runtime, ...at.runtime.ingest });
const channel = () => at.config.channels.find(({ id }) => id === 'x-ar') as Channel;
const rule = { schedule: 'again', tags: ['مختارات'], afterMs: 24 * hour, times: 3 };

async function publish(tags: string[]): Promise<string> {
  const { article, deliveries } = await ingest(at.runtime.ingest, draftArticle({ tags }), { channels: ['x-ar'] });
  await follow(at.runtime, [deliveries[0]?.id ?? ''], { timeoutMs: 10_000 });
  return article.id;
}
const share = (tickMs: number) => reshare(deps(), { ...rule, tickMs }, channel());
async function textOf(article: string | undefined): Promise<string> {
  const before = at.sandbox.posts('x').length;
  const [delivery] = await follow(at.runtime, await at.runtime.articles.deliveryIds(article ?? ''), {
    timeoutMs: 10_000,
  });
  expect(delivery).toMatchObject({ state: 'published' });
  return at.sandbox.posts('x')[before]?.text ?? '';
}

describe('sharing again', () => {
  it('takes what has the tag, in any spelling, the one that was there longest ago, and never the same text twice', async () => {
    await publish(['أخبار']);
    const first = await publish(['#مُختارات']);
    const second = await publish(['مختارات']);
    const start = Date.now();
    expect(await share(start + 23 * hour)).toBeUndefined();
    const shared: (string | undefined)[] = [];
    const texts: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      const tick = start + (25 + round * 25) * hour;
      const ids = await Promise.all([share(tick), share(tick)]);
      expect(new Set(ids).size).toBe(1);
      shared.push(ids[0]);
      texts.push(await textOf(ids[0]));
    }
    expect(new Set(shared).size).toBe(6);
    expect(new Set(texts).size).toBe(6);
    expect(texts.map((text) => text.split(':')[0])).toEqual([
      ...['من الأرشيف', 'من الأرشيف', 'للتذكير', 'للتذكير', 'قد يهمّك', 'قد يهمّك'],
    ]);
    expect(await share(start + 400 * hour)).toBeUndefined();
    expect(await at.runtime.evergreen.list()).toEqual([first, second]);
  });

  it('keeps such articles beyond the retention, as long as they may be shared', async () => {
    const kept = await publish(['مختارات']);
    const gone = await publish(['أخبار']);
    expect(await share(Date.now())).toBeUndefined();
    const rules = [{ ...rule, channels: ['x-ar'] }];
    await releaseEvergreen(deps(), rules);
    await at.runtime.articles.prune(Date.now() + 1);
    expect(await at.runtime.articles.get(kept)).toBeDefined();
    expect(await at.runtime.articles.get(gone)).toBeUndefined();
    await releaseEvergreen(deps(), []);
    await at.runtime.articles.prune(Date.now() + 1);
    expect(await at.runtime.articles.get(kept)).toBeUndefined();
  });
});
