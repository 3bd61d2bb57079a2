import type { Channel } from '../core/channel.ts';
import { type DeliveryState, failedStates } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import type { Schedule } from '../core/schedule.ts';
import { type DigestDeps, sendDigest } from '../pipeline/digest.ts';
import { lookForEvergreen, releaseEvergreen, reshare } from '../pipeline/reshare.ts';
import type { ActionPorts, ChannelTally, ReshareWish } from '../schedule/action.ts';
import type { Tallies } from '../store/tallies.ts';
import type { Runtime } from './open.ts';
import type { Ledger } from './stores.ts';

/** What the action of a tick may do. `schedules` are those in force. */
export function portsOf(
  runtime: Runtime,
  { schedules, tell }: { schedules: () => readonly Schedule[]; tell: (text: string) => void },
): ActionPorts {
  const { config, articles, tallies } = runtime;
  const deps = { ...digestDeps(runtime), evergreen: runtime.evergreen };
  return {
    async forget(beforeMs) {
      const rules = reshareRules(schedules());
      for (const rule of rules) await lookForEvergreen(deps, rule);
      await releaseEvergreen(deps, rules);
      await runtime.fanouts.compact(runtime.clock.now() - config.retention.statusDays * dayMs);
      return articles.prune(beforeMs);
    },
    digest: (channel, wish) => sendDigest(deps, wish, channelOf(runtime, channel)),
    reshare: (channel, wish) => reshare(deps, wish, channelOf(runtime, channel)),
    tally: (fromMs, untilMs) =>
      tallyOf(
        tallies,
        config.channels.map((channel) => channel.id),
        { fromMs, untilMs },
      ),
    async poll(feed) {
      if (!Object.hasOwn(config.feeds, feed))
        throw new InputError(`There is no feed "${feed}".`, { code: 'unknown-feed', status: 422 });
      await runtime.feeds.wake(feed);
    },
    tell,
    retentionDays: config.retention.days,
  };
}

export function digestDeps({ articles, deliveries, digests, ingest, retract, clock }: Ledger): DigestDeps {
  const { compose, recipientsOf, isSandbox } = ingest;
  return { articles, deliveries, digests, retract, compose, recipientsOf, isSandbox, now: clock.now };
}

function channelOf({ config }: Runtime, id: string): Channel {
  const channel = config.channels.find((one) => one.id === id);
  if (!channel) throw new InputError(`There is no channel "${id}".`, { code: 'unknown-channel', status: 422 });
  return channel;
}

/** The rules of all schedules by which articles are shared again. */
function reshareRules(
  schedules: readonly Schedule[],
): (Pick<ReshareWish, 'schedule' | 'tags' | 'times'> & { channels: string[] })[] {
  return schedules
    .filter(({ action }) => action === 'reshare')
    .map(({ id, settings }) => ({
      schedule: id,
      tags: settings.tags as string[],
      times: settings.times as number,
      channels: settings.channels as string[],
    }));
}

const dayMs = 86_400_000;

const waitingStates: readonly DeliveryState[] = ['scheduled', 'retryable', 'sending', 'unconfirmed'];

/** Channels of the configuration first, then those that only deliveries still know. */
async function tallyOf(
  tallies: Tallies,
  channels: readonly string[],
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): Promise<Record<string, ChannelTally>> {
  const [published, held, failed, waiting] = await Promise.all([
    tallies.inState('published', fromMs, untilMs),
    tallies.held(),
    Promise.all(failedStates.map((state) => tallies.inState(state, fromMs, untilMs))),
    Promise.all(waitingStates.map((state) => tallies.inState(state))),
  ]);
  const all = [published, held, ...failed, ...waiting].flatMap((counts) => Object.keys(counts));
  const sum = (lists: Record<string, number>[], channel: string) =>
    lists.reduce((total, counts) => total + (counts[channel] ?? 0), 0);
  return Object.fromEntries(
    [...new Set([...channels, ...all])].map((channel) => {
      const heldHere = held[channel] ?? 0;
      const tally: ChannelTally = {
        published: published[channel] ?? 0,
        failed: sum(failed, channel),
        held: heldHere,
        // What is held is unconfirmed as well.
        waiting: Math.max(0, sum(waiting, channel) - heldHere),
      };
      return [channel, tally];
    }),
  );
}
