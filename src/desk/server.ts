import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type DeliveryState, deliveryStates } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import { platforms } from '../platforms/index.ts';
import { listAccounts } from '../runtime/lists.ts';
import type { Runtime } from '../runtime/open.ts';
import { openStores, type Stores } from '../runtime/stores.ts';
import { listPresences } from '../store/presence.ts';
import { refuse } from './access.ts';
import { answerError, bodyKinds, maxBodyBytes, storeAway } from './answers.ts';
import { postArticle } from './articles.ts';
import { bulkType, maxBulkBytes, postBulk } from './bulk.ts';
import { registerChangeRoutes } from './changes.ts';
import { registerCmsHooks } from './cms.ts';
import { registerDecisionRoutes } from './decisions.ts';
import { registerDeliveryRoutes } from './deliveries.ts';
import { createMetrics } from './metrics.ts';
import { renderDesk } from './page.ts';
import { registerRetryRoutes } from './retries.ts';
import { readArticleState, readDesk } from './state.ts';
import { registerSubscriberRoutes } from './subscribers.ts';
import { registerWebhooks, webhookPlatforms } from './webhooks.ts';
import { registerWebSub } from './websub.ts';

export interface Api {
  /** Such as `http://127.0.0.1:3000`. */
  address: string;
  /** Takes no new requests, and lets those under way end within seconds. */
  close(): Promise<void>;
}

const closeMs = 3_000;
/** A caller that takes longer to send its request is let go. */
const requestMs = 30_000;

/** Starts the HTTP API and the desk. Throws `InputError` where it cannot listen. */
export async function startApi(runtime: Runtime): Promise<Api> {
  const { host, port } = runtime.config.http;
  // A connection of its own, which gives up within seconds: a caller is better told to come again than kept waiting.
  const redis = runtime.connect('fail');
  await redis.connect();
  const stores = openStores(redis, () => runtime.config);
  const app = buildApi(runtime, stores);
  const close = async () => {
    const late = setTimeout(() => app.server.closeAllConnections(), closeMs);
    await app.close();
    clearTimeout(late);
    await Promise.all([
      stores.queues.close(),
      stores.webhooks.close(),
      stores.answers.close(),
      stores.tickQueue.close(),
    ]);
    redis.disconnect();
  };
  try {
    return { address: await app.listen({ host, port }), close };
  } catch (error) {
    await close();
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (!reason) throw error;
    throw new InputError(`http: cannot listen on ${host}:${port}: ${reason}`, { code: 'port-taken', cause: error });
  }
}

const reasons: Record<string, string> = {
  EADDRINUSE: 'the port is taken by another program. Stop it, or choose another http.port.',
  EACCES: 'only an administrator may open this port. Choose an http.port above 1023.',
  EADDRNOTAVAIL: 'this machine has no such address. Correct http.host.',
  ENOTFOUND: 'there is no host of that name. Correct http.host.',
};

function buildApi(runtime: Runtime, stores: Stores): FastifyInstance {
  const { log } = runtime;
  const app = Fastify({
    bodyLimit: maxBodyBytes,
    requestTimeout: requestMs,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1_000 },
  });
  const metrics = createMetrics(stores, () => listAccounts(runtime.config).map(({ id }) => id));

  // Bodies stay raw: articles are read by one reader, whichever way they come.
  app.removeAllContentTypeParsers();
  for (const type of [...Object.keys(bodyKinds), bulkType]) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  }
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header('cache-control', 'no-store');
    // What a platform sends is let in by its signature.
    const refusal = request.routeOptions.config.signed ? undefined : refuse(runtime.config.http.token, request);
    if (refusal) {
      const { status, code, message, challenge } = refusal;
      if (challenge) reply.header('www-authenticate', challenge);
      return reply.code(status).send({ error: { code, message } });
    }
    if (request.routeOptions.config.needsStore && stores.redis.status !== 'ready') throw storeAway();
  });
  app.setErrorHandler((error, _request, reply) =>
    answerError(log, error as Error & { statusCode?: number; code?: string }, reply),
  );
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const allowed = methodsOf(path);
    const message = `There is no ${request.method} ${path} here.`;
    if (allowed)
      return reply
        .code(405)
        .header('allow', allowed)
        .send({ error: { code: 'method', message } });
    return reply.code(404).send({ error: { code: 'not-found', message } });
  });

  const stored = { config: { needsStore: true } };
  app.post('/api/articles', { ...stored, bodyLimit: maxBulkBytes }, (request, reply) =>
    isBulk(request) ? postBulk(stores, request, reply) : postArticle(stores, request, reply),
  );
  app.get<{ Params: { id: string } }>('/api/articles/:id', stored, async ({ params: { id } }, reply) => {
    const state = await readArticleState(stores, id);
    return state ?? reply.code(404).send({ error: { code: 'not-found', message: `There is no article "${id}".` } });
  });
  app.get<{ Querystring: { state?: string; limit?: string } }>('/api/deliveries', stored, async ({ query }) => ({
    deliveries: await stores.deliveries.list(readState(query.state), readLimit(query.limit)),
  }));
  registerDeliveryRoutes(app, stores);
  registerRetryRoutes(app, stores, () => runtime.config.channels);
  registerDecisionRoutes(app, stores);
  registerChangeRoutes(app, stores);
  registerSubscriberRoutes(app, runtime, stores);
  registerWebhooks(app, runtime, stores);
  registerCmsHooks(app, runtime, stores);
  registerWebSub(app, runtime, stores);
  app.get('/api/feeds', stored, async () => ({ feeds: await stores.feedStates() }));
  app.get('/health', async () => ({ ok: true }));
  app.get('/ready', async (_request, reply) => {
    const missing = await findMissing(runtime, stores);
    return reply.code(missing.length === 0 ? 200 : 503).send({ ready: missing.length === 0, missing });
  });
  app.get('/metrics', stored, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.read()));
  app.get('/', stored, async (_request, reply) => {
    const { redis, file } = runtime.config;
    reply.header('content-security-policy', pagePolicy);
    reply.header('referrer-policy', 'no-referrer');
    return reply.type('text/html; charset=utf-8').send(renderDesk(await readDesk(stores, redis.prefix, file)));
  });
  return app;
}

const pagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function isBulk({ headers }: FastifyRequest): boolean {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() === bulkType;
}

/** Methods of a path that exists, for whoever asked with another one. */
function methodsOf(path: string): string | undefined {
  if (webhookPlatforms.some(({ id }) => path === `/webhooks/${id}`)) return 'GET, POST';
  if (
    /^\/api\/(articles(\/[^/]+\/embargo)?|deliveries\/retry|deliveries\/[^/]+\/(resolve|retry|approve|reject|cancel))$/.test(
      path,
    )
  )
    return 'POST';
  if (/^\/api\/articles\/[^/]+$/.test(path)) return 'GET, HEAD, PUT, DELETE';
  if (/^\/webhooks\/websub\/[^/]+$/.test(path)) return 'GET, POST';
  if (path === '/api/subscribers') return 'GET, HEAD, POST';
  if (/^\/api\/subscribers\/[^/]+$/.test(path)) return 'GET, HEAD, DELETE';
  if (/^\/api\/subscribers\/[^/]+\/stop$/.test(path)) return 'POST';
  if (/^\/webhooks\/cms\/[^/]+$/.test(path)) return 'POST';
  if (/^\/api\/deletions\/[^/]+$/.test(path)) return 'DELETE';
  return /^\/(api\/articles\/[^/]+\/retraction|api\/deliveries(\/[^/]+)?|api\/approvals|api\/deletions|api\/feeds|health|ready|metrics|)$/.test(
    path,
  )
    ? 'GET, HEAD'
    : undefined;
}

function readState(text = 'published'): DeliveryState {
  const state = deliveryStates.find((one) => one === text);
  if (state) return state;
  throw new InputError(`state: expected one of ${deliveryStates.join(', ')}, got "${text}".`, {
    code: 'invalid',
    status: 422,
  });
}

function readLimit(text = '100'): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit;
  throw new InputError(`limit: expected a whole number from 1 to 1000, got "${text}".`, {
    code: 'invalid',
    status: 422,
  });
}

/** What keeps us from posting: Redis that does not answer in time, or a platform with a channel and no worker. */
async function findMissing({ config }: Runtime, { redis }: Stores): Promise<string[]> {
  if (redis.status !== 'ready') return ['redis'];
  try {
    const presences = await withTimeout(listPresences(redis, config.redis.prefix), 2_000);
    const alive = new Set(presences.flatMap(({ roles }) => roles));
    const used = Object.keys(platforms).filter((id) => config.channels.some(({ platform }) => platform === id));
    return [...used, 'articles'].filter((role) => !alive.has(role)).map((role) => `worker ${role}`);
  } catch {
    return ['redis'];
  }
}

function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error('too slow')), ms).unref()),
  ]);
}
