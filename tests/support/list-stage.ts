import { createHash } from 'node:crypto';
import type { Config } from '../../src/config/config.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import type { RecipientRow } from '../../src/core/fanout.ts';
import { type IngestOptions, ingest } from '../../src/pipeline/ingest.ts';
import { takeEvents } from '../../src/pipeline/told.ts';
import { platforms } from '../../src/platforms/index.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import type { SandboxPost } from '../../src/sandbox/index.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { draftArticle, type Installation, openInstallation } from './installation.ts';

/** An installation whose WhatsApp channel writes to those who subscribed to its account. */
export interface ListStage extends Installation {
  /** Puts people on record, each `state|topics|language|changed|how|inbound|blocked|until|flags` (see person.lua). */
  people(records: Readonly<Record<string, string>>): Promise<void>;
  /** Starts what sends. */
  work(): Promise<void>;
  accept(
    draft?: Partial<ArticleDraft>,
    options?: IngestOptions,
  ): Promise<{ title: string; article: string; id: string }>;
  delivery(id: string): Promise<Delivery>;
  /** Resolves once the delivery is so. */
  until(id: string, is: (delivery: Delivery) => boolean): Promise<Delivery>;
  done(id: string): Promise<Delivery>;
  rows(id: string): Promise<RecipientRow[]>;
  posts(title: string): SandboxPost[];
  /** Tells statuses of a message, as the webhook does. */
  tell(...statuses: { id: string; remoteId: string; status: string; code?: number }[]): Promise<void>;
}

export const account = 'whatsapp-main';

export async function openListStage(
  settings: Record<string, unknown> = {},
  change: (config: Config) => Config = (config) => config,
): Promise<ListStage> {
  const at = await openInstallation((config) => {
    const channel = config.channels.find(({ platform }) => platform === 'whatsapp');
    const { recipients: _, mode: __, ...usual } = channel?.settings ?? {};
    if (channel) channel.settings = { ...usual, subscribers: true, ...settings };
    return change({ ...config, channels: config.channels.filter(({ platform }) => platform === 'whatsapp') });
  });
  const { runtime } = at;
  const delivery = async (id: string) => {
    const [one] = await runtime.deliveries.get([id]);
    if (!one) throw new Error(`There is no delivery ${id}.`);
    return one;
  };
  const until: ListStage['until'] = async (id, is) => {
    const end = performance.now() + 30_000;
    for (;;) {
      const now = await delivery(id);
      if (is(now)) return now;
      if (performance.now() > end) throw new Error(`It came to this: ${JSON.stringify(now)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    ...at,
    async people(records) {
      const pipeline = runtime.redis.pipeline();
      for (const [who, record] of Object.entries(records)) pipeline.hset(keyOf(who), who, record);
      await pipeline.exec();
    },
    work: () => startRoles(runtime, ['whatsapp', 'articles']),
    async accept(draft = {}, options = {}) {
      const given = draftArticle(draft);
      const { article, deliveries } = await ingest(runtime.ingest, given, options);
      return { title: given.title, article: article.id, id: deliveries[0]?.id ?? '' };
    },
    delivery,
    until,
    done: (id) => until(id, ({ list }) => list?.isDone === true),
    async rows(id) {
      const batches = await runtime.fanouts.batches(id);
      const all = await Promise.all(Array.from({ length: batches }, (_, index) => runtime.fanouts.batch(id, index)));
      return all.flat();
    },
    posts: (title) => at.sandbox.posts('whatsapp').filter(({ text }) => text.includes(title)),
    async tell(...statuses) {
      const told = statuses.map(({ id, remoteId, status, code }) => ({
        ...{ id: remoteId, status, timestamp: '1764000000', biz_opaque_callback_data: id },
        ...(code === undefined ? {} : { errors: [{ code, title: 'It failed' }] }),
      }));
      const body = { entry: [{ changes: [{ field: 'messages', value: { statuses: told } }] }] };
      const platform = platforms.whatsapp;
      if (platform)
        await takeEvents({ platform, deliveries: runtime.deliveries, fanouts: runtime.fanouts }, [
          JSON.stringify(body),
        ]);
    },
  };
}

/** As person.lua finds it. */
export function keyOf(who: string): string {
  const bucket = Math.floor(Number.parseInt(createHash('sha1').update(who).digest('hex').slice(0, 4), 16) / 4);
  return `munadi:people:${account}:${bucket}`;
}

export const inHex = (ms: number) => Math.floor(ms / 1000).toString(16);

/** So many people who subscribed, by their numbers. */
export function crowd(count: number, record = `s||ar|${inHex(Date.now())}|1`, from = 963_900_000_000) {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [String(from + index), record]));
}
