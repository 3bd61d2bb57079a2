import { randomBytes } from 'node:crypto';
import type { Feed } from '../sources/feed.ts';
import type { GuardedFetch } from '../sources/index.ts';
import { askHub } from '../sources/websub.ts';
import type { Runtime } from './open.ts';

/** A hub that was asked and has not verified is asked again after this; a subscription is renewed so long before its end. */
const askAgainMs = 3_600_000;
const renewMs = 2 * 86_400_000;

type About = Pick<Runtime, 'config' | 'feeds' | 'clock' | 'log'>;

function callbackOf({ config }: Pick<Runtime, 'config'>, id: string): string | undefined {
  const { publicUrl } = config.http;
  return publicUrl === undefined ? undefined : `${publicUrl}/webhooks/websub/${encodeURIComponent(id)}`;
}

/** Subscribes to a feed at its hub, unless that was done lately and holds for long. */
export async function subscribe(
  runtime: About,
  fetch: GuardedFetch,
  id: string,
  hub: NonNullable<Feed['hub']>,
): Promise<void> {
  const callback = callbackOf(runtime, id);
  if (callback === undefined) return;
  const { feeds, clock, log } = runtime;
  const known = await feeds.subscription(id);
  const isSame = known?.hub === hub.url && known.topic === hub.topic;
  const now = clock.now();
  if (isSame && ((known.untilMs ?? 0) - now > renewMs || now - known.askedMs < askAgainMs)) return;
  const secret = isSame ? known.secret : randomBytes(24).toString('base64url');
  const until = isSame && known.untilMs !== undefined ? { untilMs: known.untilMs } : {};
  await feeds.subscribe(id, { hub: hub.url, topic: hub.topic, secret, askedMs: now, ...until });
  await askHub(fetch, 'subscribe', { hub: hub.url, topic: hub.topic, callback, secret }).catch((error: Error) =>
    log.warn({ feed: id, error: error.message }, 'its hub was not reached; it is read as before'),
  );
}

/** Tells the hubs of feeds that are no longer configured. */
export async function leaveHubs(runtime: About, fetch: GuardedFetch): Promise<void> {
  const { feeds, config } = runtime;
  for (const id of await feeds.subscribed()) {
    if (config.feeds[id]?.webSub) continue;
    const known = await feeds.subscription(id);
    const callback = callbackOf(runtime, id);
    await feeds.subscribe(id, undefined);
    if (known && callback !== undefined) await askHub(fetch, 'unsubscribe', { ...known, callback });
  }
}
