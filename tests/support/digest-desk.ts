import { expect } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Channel } from '../../src/core/channel.ts';
import { settleDigests } from '../../src/pipeline/digest.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import type { DigestWish } from '../../src/schedule/action.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { clockAhead } from './clock-ahead.ts';
import { draftArticle, openInstallation } from './installation.ts';

export const platformIds = ['telegram', 'x', 'whatsapp', 'facebook'];
export const cities = ['حلب', 'حمص', 'دمشق', 'درعا', 'إدلب', 'اللاذقية', 'الرقة', 'القامشلي'];
export const events = [
  'افتتاح مدرسة',
  'زلزال خفيف',
  'معرض كتاب',
  'إضراب عمال',
  'مباراة ودية',
  'حريق غابات',
  'محاكمة',
  'أمطار',
];

/** An installation whose channels gather for digests: `{platform}-digest`, and some of other kinds. */
export async function openDigestDesk() {
  const at = await openInstallation((config) => {
    const rhythm = { collect: true, late: 'next', breaking: 'always' } as const;
    const own = config.channels.map((channel): Channel => ({ ...channel, id: `${channel.platform}-digest`, rhythm }));
    const thread = own.map((channel) => ({ ...channel, settings: { ...channel.settings, thread: 10 } }))[
      platformIds.indexOf('x')
    ];
    const capped = {
      ...own[0],
      id: 'capped',
      rhythm: { ...rhythm, collect: false, caps: { hour: 1, rest: 'digest' } },
    };
    const fifty = { ...own[0], id: 'fifty' };
    const people = ['+963900000001', '+963900000002'];
    const list = own.map((channel) => ({ ...channel, settings: { ...channel.settings, recipients: people } }))[2];
    const more = [{ ...thread, id: 'thread' }, capped, fifty, { ...list, id: 'list' }, { ...own[0], id: 'failing' }];
    return { ...config, channels: [...config.channels, ...own, ...(more as Channel[])] };
  });
  await startRoles(at.runtime, [...platformIds, 'articles']);
  const { runtime } = at;
  const deps = () => ({ ...runtime, ...runtime.ingest });
  let serial = 0;

  /** Resolves when these wait for the next digest of their channel, and an order of now is later than they are. */
  async function gathered(deliveries: readonly string[]): Promise<void> {
    for (const id of deliveries) {
      await expect
        .poll(async () => (await runtime.deliveries.get([id]))[0]?.waitsFor, { timeout: 10_000 })
        .toBe('the next digest of its channel');
    }
    await clockAhead(runtime);
  }

  return {
    at,
    deps,
    gathered,
    channelOf: (id: string) => at.config.channels.find((channel) => channel.id === id) as Channel,
    order: (change: Partial<DigestWish> = {}): DigestWish => ({
      ...{ schedule: `s${serial}`, tickMs: runtime.clock.now(), title: 'أبرز أخبار اليوم', top: 5, least: 1 },
      ...change,
    }),
    /** Ids of so many deliveries that the channel has gathered. */
    async gather(channel: string, count: number, change: Partial<ArticleDraft> = {}): Promise<string[]> {
      serial += 1;
      const deliveries: string[] = [];
      for (let n = 0; n < count; n += 1) {
        const title = `${events[n % events.length]} في ${cities[n % cities.length]}`;
        const draft = draftArticle({
          title,
          paragraphs: [`${title}، ومعه ${serial}-${n}.`],
          url: `https://news.example.org/${serial}/${n}`,
          ...change,
        });
        deliveries.push(
          ...(await ingest(runtime.ingest, draft, { channels: [channel] })).deliveries.map(({ id }) => id),
        );
      }
      await gathered(deliveries);
      return deliveries;
    },
    /** Follows the digest to its end, and tells its entries. */
    async finish(digest: string | undefined) {
      const own = await follow(runtime, await runtime.articles.deliveryIds(digest ?? ''), { timeoutMs: 10_000 });
      await settleDigests(deps());
      return own;
    },
    statesOf: async (deliveries: string[]) => (await runtime.deliveries.get(deliveries)).map(({ state }) => state),
  };
}
