import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import type { Account } from '../core/channel.ts';
import type { Delivery } from '../core/delivery.ts';
import type { Platform, Publisher, SendRequest } from '../core/platform.ts';
import type { Media, Receipt } from '../core/post.ts';
import type { Schedule } from '../core/schedule.ts';
import { isDigest, sendDigest, settleDigests } from '../pipeline/digest.ts';
import type { Pacing } from '../pipeline/pacing.ts';
import { createPublish, type Publish } from '../pipeline/publish.ts';
import { beforeDeliveries, createPlayer, type Player } from '../pipeline/simulate.ts';
import { createSimulatedTime, type SimulatedTime } from '../pipeline/simulated-time.ts';
import type { DigestWish } from '../schedule/action.ts';
import { createCron } from '../schedule/cron.ts';
import { simulateTime } from '../store/scripts.ts';
import { digestDeps } from './action-ports.ts';
import { platformOf } from './lookup.ts';
import { type Ledger, openLedger } from './stores.ts';

/** What stands for a platform: told of each part at its time (epoch ms); may throw as a publisher does. */
export type SimulatedSend = (request: SendRequest, atMs: number) => void;

export interface Simulation extends Player {
  time: SimulatedTime;
  ledger: Ledger;
}

/**
 * The rules of this configuration on a simulated clock: the real ledger in `redis`, under the prefix of the
 * configuration, which is to be empty; the real way of a delivery; digests at their ticks; and in place of the platforms `onSend`. Accounts count
 * as live, so that the documented limits hold. Pictures count as usable, and nothing is fetched. `redis`: a connection
 * for this alone.
 */
export async function openSimulation(
  redis: Redis,
  given: Config,
  { fromMs, onSend }: { fromMs: number; onSend: SimulatedSend },
): Promise<Simulation> {
  const config = { ...given, accounts: asLive(given.accounts) };
  const { prefix } = config.redis;
  const setTime = simulateTime(redis, prefix);
  await setTime(fromMs);
  const time = createSimulatedTime(fromMs, setTime);
  const ledger = openLedger(redis, () => config, { now: time.now, sync: async () => {} });
  const publisher = pretend(time, onSend);
  const publishes = new Map<string, Publish>();
  const publish = (id: string) => {
    const known = publishes.get(id);
    if (known) return known;
    const made = createPublish(depsOf(platformOf({ platform: id }), { config, ledger, time, publisher }));
    publishes.set(id, made);
    return made;
  };
  const { articles, deliveries, ingest } = ledger;
  const digests = digestDeps(ledger);
  const followUp = async ({ article }: Delivery) => {
    if (!isDigest(article)) return false;
    await settleDigests(digests);
    return true;
  };
  const player = createPlayer({ time, articles, deliveries, ingest, publish, followUp });
  for (const schedule of config.schedules) if (schedule.action === 'digest') tick(schedule, fromMs);
  return { ...player, time, ledger };

  /** From one digest to the next. */
  function tick(schedule: Schedule, afterMs: number): void {
    const atMs = createCron(schedule.cron, schedule.timezone).nextTick(afterMs);
    if (atMs === undefined) return;
    time.at(atMs, beforeDeliveries, async () => {
      const { channels, top, least, title } = schedule.settings as DigestSettings;
      const wish = { schedule: schedule.id, tickMs: atMs, top, least, ...(title === undefined ? {} : { title }) };
      for (const channel of config.channels.filter(({ id }) => channels.includes(id))) {
        await sendDigest(digests, wish, channel);
      }
      await player.relay();
      await player.lookAgain();
      tick(schedule, atMs);
    });
  }
}

type DigestSettings = Pick<DigestWish, 'title' | 'top' | 'least'> & { channels: string[] };

function asLive(accounts: Config['accounts']): Config['accounts'] {
  const live = (account: Account): Account => ({ ...account, sandbox: false });
  return Object.fromEntries(Object.entries(accounts).map(([id, account]) => [id, live(account)]));
}

const unauthorizedWaitMs = 30_000;

function depsOf(
  platform: Platform,
  { config, ledger, time, publisher }: { config: Config; ledger: Ledger; time: SimulatedTime; publisher: Publisher },
): Parameters<typeof createPublish>[0] {
  const channels = new Map(config.channels.map((channel) => [channel.id, channel]));
  const { leaseMs, requestTimeoutMs } = config.reliability;
  const [mimeType = 'image/jpeg'] = platform.media.types;
  const picture: Media = { bytes: new Uint8Array(), mimeType, width: 0, height: 0, hash: '' };
  return {
    platform,
    channel: (id) => channels.get(id),
    publisher: () => publisher,
    loadImage: async () => picture,
    loadDefault: async () => picture,
    articles: ledger.articles,
    deliveries: ledger.deliveries,
    followUps: ledger.followUps,
    pauses: ledger.pauses,
    credentialsOf: () => '',
    pacing: withoutTravel(ledger.pacing),
    rhythms: ledger.rhythms,
    policy: { ...config.reliability, unauthorizedWaitMs },
    leaseMs,
    requestTimeoutMs,
    wait: time.wait,
    report: () => {},
  };
}

/** Requests arrive at their slot: how long this machine takes for the simulation is no part of it. */
function withoutTravel(pacing: Pacing): Pacing {
  return {
    ...pacing,
    sent: (_channel, scopes, { slotAt }) => (scopes === '' ? undefined : { scopes, slotAt, arrivedAt: slotAt }),
  };
}

function pretend(time: SimulatedTime, onSend: SimulatedSend): Publisher {
  return {
    async send(request): Promise<Receipt> {
      onSend(request, time.now());
      return { remoteId: `${request.deliveryId}/${request.part}`, at: new Date(time.now()).toISOString() };
    },
    identify: async () => 'a simulated account',
    close: async () => {},
  };
}
