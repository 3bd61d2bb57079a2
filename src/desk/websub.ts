import type { FastifyInstance } from 'fastify';
import type { Runtime } from '../runtime/open.ts';
import type { Stores } from '../runtime/stores.ts';
import { maxFeedBytes } from '../sources/feed-request.ts';
import { isFromHub } from '../sources/websub.ts';

interface Intent {
  'hub.mode'?: string;
  'hub.topic'?: string;
  'hub.challenge'?: string;
  'hub.lease_seconds'?: string;
}
type ByFeed = { Params: { feed: string }; Querystring: Intent };

const longestLeaseS = 30 * 86_400;

/**
 * `GET /webhooks/websub/:feed`: a hub makes sure that we want what it was asked for. `POST`: it tells of news, and the feed
 * is read at once: what it sends along is not trusted to be all.
 */
export function registerWebSub(app: FastifyInstance, runtime: Runtime, stores: Stores): void {
  const { feeds, clock } = stores;
  const config = { signed: true, needsStore: true };
  app.get<ByFeed>('/webhooks/websub/:feed', { config }, async ({ params: { feed }, query }, reply) => {
    const { 'hub.mode': mode, 'hub.topic': topic, 'hub.challenge': challenge = '' } = query;
    const known = await feeds.subscription(feed);
    const isOurs = known !== undefined && known.topic === topic;
    if (mode === 'subscribe' && isOurs && challenge !== '') {
      const seconds = Math.min(longestLeaseS, Number(query['hub.lease_seconds']) || 86_400);
      await feeds.subscribe(feed, { ...known, untilMs: clock.now() + seconds * 1_000 });
      return reply.type('text/plain; charset=utf-8').send(challenge);
    }
    // One that left the configuration is to stop, whoever asks.
    if (mode === 'unsubscribe' && !isOurs && challenge !== '') {
      return reply.type('text/plain; charset=utf-8').send(challenge);
    }
    if (mode === 'denied' && isOurs) await feeds.subscribe(feed, undefined);
    return reply.code(404).send({ error: { code: 'not-found', message: 'Nobody asked for that.' } });
  });
  app.post<ByFeed>(
    '/webhooks/websub/:feed',
    { bodyLimit: maxFeedBytes, config },
    async ({ params: { feed }, body, headers }, reply) => {
      const known = await feeds.subscription(feed);
      if (!known) return reply.code(410).send({ error: { code: 'not-found', message: 'Nobody subscribes to that.' } });
      const bytes = body instanceof Uint8Array ? body : new Uint8Array();
      // WebSub, 8: what is not signed right is acknowledged and ignored.
      if (isFromHub(bytes, headers['x-hub-signature'], known.secret)) await feeds.wake(feed);
      else runtime.log.warn({ feed: feed.slice(0, 64) }, 'a hub did not sign right; what it sent is ignored');
      return reply.code(202).send({ ok: true });
    },
  );
}
