import { createHash, randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { PublishEvent } from '../pipeline/events.ts';
import { createPublish } from '../pipeline/publish.ts';
import { startRelay } from '../pipeline/relay.ts';
import { takeStatuses } from '../pipeline/statuses.ts';
import { platforms } from '../platforms/index.ts';
import { startWebhookWorker } from '../queue/webhooks.ts';
import { startDeliveryWorker } from '../queue/worker.ts';
import { createGuardedFetch } from '../sources/guarded-fetch.ts';
import { createImageLoader } from '../sources/image.ts';
import { announce } from '../store/presence.ts';
import { startAlarms } from './alarms.ts';
import { accountOf, platformOf } from './lookup.ts';
import type { Runtime } from './open.ts';
import { startScheduler } from './scheduler.ts';

/** What a process can be: the delivery worker of a platform, the relay, or the clock. The API is in `desk`. */
export const roles = [...Object.keys(platforms), 'articles', 'scheduler', 'api'];

/** How long a stopping worker waits for the posts it is sending. */
const drainMs = 25_000;
const unauthorizedWaitMs = 30_000;
const imageCacheBytes = 64 * 1024 * 1024;

/** Starts the roles in this process and announces them; they stop when the runtime closes. */
export async function startRoles(
  runtime: Runtime,
  wanted: readonly string[],
  { onPublish }: { onPublish?: (event: PublishEvent) => void } = {},
): Promise<void> {
  const sandbox = await runtime.sandbox();
  const images = createImages(runtime);
  for (const role of wanted) {
    if (role in platforms) {
      await resumeRenewed(runtime, role);
      startPlatform(runtime, role, images, onPublish);
    } else if (role === 'articles') await startArticles(runtime);
    else if (role === 'scheduler') {
      startScheduler(runtime);
      startAlarms(runtime);
    }
  }
  const leave = await announce(runtime.redis, runtime.config.redis.prefix, {
    // Not the process's own: a command may take on further roles later, beside these.
    id: randomUUID(),
    pid: process.pid,
    host: runtime.host,
    roles: [...wanted],
    startedAt: new Date().toISOString(),
    ...(sandbox ? { sandbox: sandbox.roots() } : {}),
  });
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

function createImages(runtime: Runtime) {
  const { allow, ports, timeoutMs, maxBytes } = runtime.config.fetch;
  const fetch = createGuardedFetch({ allow, ports, timeoutMs, maxBytes });
  runtime.onClose(async () => void (await fetch.close()));
  return createImageLoader(fetch, { maxBytes, cacheBytes: imageCacheBytes });
}

function startPlatform(
  runtime: Runtime,
  id: string,
  images: ReturnType<typeof createImages>,
  onPublish: ((event: PublishEvent) => void) | undefined,
): void {
  const { config, log } = runtime;
  const channels = new Map(config.channels.map((channel) => [channel.id, channel]));
  const publish = createPublish({
    platform: platformOf({ platform: id }),
    channel: (channel) => channels.get(channel),
    publisher: runtime.publisher,
    loadImage: (image) => images.load(image),
    articles: runtime.articles,
    deliveries: runtime.deliveries,
    pauses: runtime.pauses,
    credentialsOf: (account) => fingerprint(config, account),
    pacing: runtime.pacing,
    rhythms: runtime.rhythms,
    policy: { ...config.reliability, unauthorizedWaitMs },
    leaseMs: config.reliability.leaseMs,
    requestTimeoutMs: config.reliability.requestTimeoutMs,
    report(event) {
      logEvent(runtime, event);
      onPublish?.(event);
    },
  });
  const worker = startDeliveryWorker(runtime.connect(), {
    prefix: config.redis.prefix,
    platform: id,
    concurrency: config.workers.concurrency,
    queued: () => runtime.queues.queued(id),
    handle: publish.deliver,
    onFault: (error, delivery) => log.error({ platform: id, delivery, error: error.message }, 'worker trouble'),
  });
  runtime.onClose(async () => {
    await worker.stop(drainMs);
    await publish.settled();
  });
  if (platformOf({ platform: id }).webhook) startWebhook(runtime, id);
}

/** Works on what the platform tells us. */
function startWebhook(runtime: Runtime, id: string): void {
  const { config, log, deliveries } = runtime;
  const worker = startWebhookWorker(runtime.connect(), {
    prefix: config.redis.prefix,
    platform: id,
    handle: async (body) => void (await takeStatuses({ platform: platformOf({ platform: id }), deliveries }, body)),
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
  const stop = await startRelay({
    subscriber: runtime.connect(),
    prefix: runtime.config.redis.prefix,
    articles: runtime.articles,
    deliveries: runtime.deliveries,
    queues: runtime.queues,
    now: runtime.clock.now,
    onFault: (error) => runtime.log.error({ error: error.message }, 'outbox trouble'),
  });
  runtime.onClose(stop);
}
