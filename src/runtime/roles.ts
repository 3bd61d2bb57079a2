import { createHash, randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Channel } from '../core/channel.ts';
import type { PublishEvent } from '../pipeline/events.ts';
import { createPublish } from '../pipeline/publish.ts';
import { startRelay } from '../pipeline/relay.ts';
import { finishRetractions } from '../pipeline/retract.ts';
import { takeTemplateEvents } from '../pipeline/template-events.ts';
import { type ToldDeps, takeEvents } from '../pipeline/told.ts';
import { topicBitsOf } from '../pipeline/topics.ts';
import { platforms } from '../platforms/index.ts';
import { listQueueOf } from '../queue/queues.ts';
import { startWebhookWorker } from '../queue/webhooks.ts';
import { startDeliveryWorker } from '../queue/worker.ts';
import type { ImageLoader } from '../sources/image.ts';
import { announce } from '../store/presence.ts';
import { startAlarms } from './alarms.ts';
import type { ConfigTeller } from './config-report.ts';
import { startFeeds } from './feeds.ts';
import { startFolders } from './folders.ts';
import { checkDefaultImages, createImages } from './images.ts';
import { createLivePublish } from './live-publish.ts';
import { accountOf, platformOf } from './lookup.ts';
import type { Runtime } from './open.ts';
import { startPeople } from './people.ts';
import type { OpenAccounts } from './publishers.ts';
import { startScheduler } from './scheduler.ts';

/** What a process can be: the delivery worker of a platform, the relay, or the clock. The API is in `desk`. */
export const roles = [...Object.keys(platforms), 'articles', 'scheduler', 'api'];

/** Batches of lists that one process has in hand: a more urgent one waits for the first of them to end. */
const batchesAtOnce = 3;
/** How long a stopping worker waits for the posts it is sending. */
const drainMs = 25_000;
const retractionsMs = 15_000;
const unauthorizedWaitMs = 30_000;

export interface RoleOptions {
  onPublish?: ((event: PublishEvent) => void) | undefined;
  /** Whether this process works by another configuration than is agreed on. */
  isBehind?: () => Promise<boolean>;
  /** What is announced of the configuration. */
  report?: Pick<ConfigTeller, 'read' | 'onChange'>;
}

/** Announces the roles and starts them in this process; they stop when the runtime closes. */
export async function startRoles(
  runtime: Runtime,
  wanted: readonly string[],
  { onPublish, isBehind = () => Promise.resolve(false), report }: RoleOptions = {},
): Promise<void> {
  const sandbox = await runtime.sandbox();
  const images = createImages(runtime);
  // First what is waited for: once a worker has claimed, an answer of Redis may be long in coming.
  for (const role of wanted) if (role in platforms) await resumeRenewed(runtime, role);
  const self = {
    // Not the process's own: a command may take on further roles later, beside these.
    id: randomUUID(),
    pid: process.pid,
    host: runtime.host,
    roles: [...wanted],
    startedAt: new Date().toISOString(),
    ...(sandbox ? { sandbox: sandbox.roots() } : {}),
  };
  const changing = report && { read: () => ({ config: report.read() }), onChange: report.onChange };
  const leave = await announce(runtime.redis, runtime.config.redis.prefix, self, changing);
  try {
    for (const role of wanted) {
      if (role in platforms) startPlatform(runtime, role, images, { onPublish, isBehind });
      else if (role === 'articles') await startArticles(runtime);
      else if (role === 'scheduler') {
        startScheduler(runtime);
        startAlarms(runtime);
      }
    }
  } catch (error) {
    void leave();
    throw error;
  }
  // Added last, so that it goes first: others see at once that this process no longer works.
  runtime.onClose(leave);
}

/** Tells credentials apart, and tells nothing of them. */
function fingerprint(config: Config, account: string): string {
  const settings = JSON.stringify(accountOf(config, account).settings);
  return createHash('sha256').update(settings).digest('hex').slice(0, 16);
}

/** Accounts whose credentials were refused, and are others now, go on. */
async function resumeRenewed({ config, pauses, log }: Runtime, platform: string): Promise<void> {
  for (const { id } of Object.values(config.accounts).filter((account) => account.platform === platform)) {
    if (await pauses.renewed(id, fingerprint(config, id))) log.info({ account: id }, 'new credentials: it goes on');
  }
}

/** A delivery whose channel another process knows already waits so long for this one to know it. */
const behindMs = 2_000;

function startPlatform(
  runtime: Runtime,
  id: string,
  images: () => ImageLoader,
  { onPublish, isBehind }: Required<Pick<RoleOptions, 'onPublish' | 'isBehind'>>,
): void {
  const { log } = runtime;
  const build = (accounts: OpenAccounts) => {
    const { config, pacing } = runtime;
    const loader = images();
    const channels = new Map(channelsOf(config, id).map((channel) => [channel.id, channel]));
    return createPublish({
      platform: platformOf({ platform: id }),
      channel: (channel) => channels.get(channel),
      publisher: accounts.publisher,
      loadImage: loader.load,
      loadDefault: loader.loadDefault,
      articles: runtime.articles,
      deliveries: runtime.deliveries,
      followUps: runtime.followUps,
      pauses: runtime.pauses,
      credentialsOf: (account) => fingerprint(config, account),
      pacing,
      rhythms: runtime.rhythms,
      policy: { ...config.reliability, unauthorizedWaitMs },
      leaseMs: config.reliability.leaseMs,
      requestTimeoutMs: config.reliability.requestTimeoutMs,
      lists: {
        fanouts: runtime.fanouts,
        concurrency: config.workers.concurrency,
        suppress: runtime.people.refused,
        people: runtime.people,
        topicBits: (channel, article) => {
          const account = accountOf(config, channel.account);
          const subscriptions = platformOf(account).subscriptions?.(account);
          return topicBitsOf(runtime.people, account.id, subscriptions, article);
        },
      },
      report(event) {
        logEvent(runtime, event);
        onPublish?.(event);
      },
    });
  };
  const publish = createLivePublish(runtime, build, () => {
    resumeRenewed(runtime, id).catch((error: Error) =>
      log.error({ platform: id, error: error.message }, 'no resuming'),
    );
  });
  const start = (queue: string, concurrency: number) => {
    const worker = startDeliveryWorker(runtime.connect(), {
      prefix: runtime.config.redis.prefix,
      platform: queue,
      concurrency,
      queued: () => runtime.queues.queued(queue),
      async handle(job, about) {
        const isKnown = channelsOf(runtime.config, id).some((channel) => channel.id === job.channel);
        return isKnown || !(await isBehind()) ? publish.deliver(job, about) : { waitMs: behindMs };
      },
      onFault: (error, delivery) => log.error({ platform: id, delivery, error: error.message }, 'worker trouble'),
    });
    runtime.onClose(async () => {
      await worker.stop(drainMs);
      await publish.settled();
    });
    return worker;
  };
  const worker = start(id, runtime.config.workers.concurrency);
  runtime.onConfig(({ workers }) => worker.allow(workers.concurrency));
  if (platformOf({ platform: id }).audience) start(listQueueOf(id), batchesAtOnce);
  if (platformOf({ platform: id }).webhook) startWebhook(runtime, id);
  const tellOfDefaults = async () => {
    for (const { channel, problem } of await checkDefaultImages(channelsOf(runtime.config, id), images())) {
      if (problem !== undefined) log.warn({ channel, reason: problem }, 'its defaultImage cannot be used');
    }
  };
  runtime.onConfig(() => void tellOfDefaults());
  void tellOfDefaults();
}

/** A channel that has moved to another platform is none of this one's. */
function channelsOf({ channels }: Config, id: string): Channel[] {
  return channels.filter(({ platform }) => platform === id);
}

function toldDeps(runtime: Runtime, id: string): ToldDeps {
  const platform = platformOf({ platform: id });
  const { deliveries, fanouts, pauses } = runtime;
  const [accounts, channels] = [() => runtime.config.accounts, () => runtime.config.channels];
  return {
    ...{ platform, deliveries, fanouts },
    templates: { take: (events) => takeTemplateEvents({ platform, pauses, accounts, channels }, events) },
  };
}

/** Works on what the platform tells us. */
function startWebhook(runtime: Runtime, id: string): void {
  const { config, log } = runtime;
  const people = startPeople(runtime, id, drainMs);
  const worker = startWebhookWorker(runtime.connect(), {
    prefix: config.redis.prefix,
    platform: id,
    handle: async (bodies) => void (await takeEvents({ ...toldDeps(runtime, id), people }, bodies)),
    onFault: (error) => log.error({ platform: id, error: error.message }, 'webhook trouble'),
  });
  runtime.onClose(() => worker.stop(drainMs));
}

function logEvent({ log }: Runtime, event: PublishEvent): void {
  const { kind, delivery, channel } = event;
  if (event.kind === 'published') log.debug({ kind, delivery, channel, ms: Math.round(event.ms) });
  else if (event.kind === 'failed') {
    const { failure, code, message } = event.error;
    log.warn({ kind, delivery, channel, state: event.state, failure, code, reason: message });
  } else if (event.kind === 'asked') log.info(event);
  else if (event.kind === 'held') log.error({ alarm: true, ...event }, 'may be live, and waits for a person');
  else log.warn(event);
}

async function startArticles(runtime: Runtime): Promise<void> {
  startFolders(runtime);
  startFeeds(runtime);
  const stop = await startRelay({
    subscriber: runtime.connect(),
    prefix: runtime.config.redis.prefix,
    articles: runtime.articles,
    deliveries: runtime.deliveries,
    fanouts: runtime.fanouts,
    queues: runtime.queues,
    now: runtime.clock.now,
    onFault: (error) => runtime.log.error({ error: error.message }, 'outbox trouble'),
  });
  runtime.onClose(stop);
  // What a process left that died in the middle of a retraction.
  const finish = () =>
    finishRetractions(runtime.retract).catch((error: Error) =>
      runtime.log.error({ error: error.message }, 'retraction trouble'),
    );
  const timer = setInterval(finish, retractionsMs);
  runtime.onClose(async () => clearInterval(timer));
  void finish();
}
