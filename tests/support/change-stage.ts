import { follow } from '../../src/cli/follow.ts';
import type { CorrectionWay } from '../../src/core/channel.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { readRetraction } from '../../src/desk/retractions.ts';
import { correct } from '../../src/pipeline/correct.ts';
import { type IngestOptions, ingest } from '../../src/pipeline/ingest.ts';
import { retract } from '../../src/pipeline/retract.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { type Installation, openInstallation } from './installation.ts';

export const platformIds = ['telegram', 'x', 'whatsapp', 'facebook'];
export const idsOf = (deliveries: readonly Delivery[]) => deliveries.map(({ id }) => id);

/** An installation with a channel for each way to correct, and what is done on it. */
export async function openChangeStage() {
  const at: Installation = await openInstallation((config) => {
    const channel = (id: string) => {
      const found = config.channels.find((one) => one.id === id);
      if (!found) throw new Error(`no channel ${id}`);
      return found;
    };
    const way = (id: string, corrections: CorrectionWay, settings: object = {}) => {
      const one = channel(id);
      return { ...one, id: `${one.platform}-${corrections}`, corrections, settings: { ...one.settings, ...settings } };
    };
    const long = channel('telegram-ar');
    return {
      ...config,
      channels: [
        ...config.channels,
        way('telegram-ar', 'reply', { chat: '@munadi_reply' }),
        way('telegram-ar', 'repost', { chat: '@munadi_repost' }),
        way('telegram-ar', 'leave', { chat: '@munadi_leave' }),
        way('x-ar', 'repost'),
        { ...long, id: 'telegram-long', settings: { ...long.settings, chat: '@munadi_long', messages: 4 } },
      ],
    };
  });
  const { runtime, sandbox } = at;
  const finish = (ids: readonly string[]) => follow(runtime, ids, { timeoutMs: 20_000 });

  return {
    ...at,
    finish,
    calm() {
      for (const id of platformIds) sandbox.setFaults(id, {});
    },
    async publish(draft: ArticleDraft, options: IngestOptions = { channels: platformIds.map((id) => `${id}-ar`) }) {
      const { article, deliveries } = await ingest(runtime.ingest, draft, options);
      return { article, deliveries: await finish(idsOf(deliveries)) };
    },
    /** Follows a new version to its end. */
    async correctTo(id: string, draft: ArticleDraft) {
      const corrected = await correct(runtime.retract, id, draft);
      if (corrected.verdict === 'missing') throw new Error('missing');
      return { ...corrected, deliveries: await finish(idsOf(corrected.deliveries)) };
    },
    /** Follows a retraction to its end; resolves to what became of it. */
    async retractNow(id: string) {
      await retract(runtime.retract, id);
      const before = await readRetraction(runtime, id);
      await finish(before?.channels.flatMap(({ delivery }) => delivery ?? []) ?? []);
      return (await readRetraction(runtime, id))?.channels ?? [];
    },
    postOf: (platform: string, id: string | null | undefined) => sandbox.posts(platform).find((post) => post.id === id),
    /** Posts that readers see. */
    shown: (platform: string, text: string, target?: string) =>
      sandbox
        .posts(platform)
        .filter(
          (post) => post.text.includes(text) && !post.removed && (target === undefined || post.target === target),
        ),
  };
}
