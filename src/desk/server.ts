import { timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type DeliveryState, deliveryStates } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import { hash } from '../pipeline/dedupe.ts';
import { ingest } from '../pipeline/ingest.ts';
import { platforms } from '../platforms/index.ts';
import type { Runtime } from '../runtime/open.ts';
import { readArticle } from '../sources/index.ts';
import { listPresences } from '../store/presence.ts';
import { createMetrics } from './metrics.ts';
import { renderDesk } from './page.ts';
import { readArticleState, readOverview } from './state.ts';

const maxBodyBytes = 1024 * 1024;
const bodyKinds: Record<string, 'json' | 'text' | 'html'> = {
  'application/json': 'json',
  'text/plain': 'text',
  'text/html': 'html',
};

/** Starts the HTTP API and the desk; they stop with the runtime. Resolves to the address. */
export async function startApi(runtime: Runtime): Promise<string> {
  const { host, port } = runtime.config.http;
  const app = buildApi(runtime);
  runtime.onClose(() => app.close());
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new InputError(
      `http.port: ${port} is taken by another program. Stop it, or choose another port in the config.`,
      { code: 'port-taken' },
    );
  }
}

function buildApi(runtime: Runtime): FastifyInstance {
  const app = Fastify({ bodyLimit: maxBodyBytes, forceCloseConnections: true });
  const metrics = createMetrics(runtime);

  // Bodies stay raw: articles are read by one reader, whichever way they come.
  app.removeAllContentTypeParsers();
  for (const type of Object.keys(bodyKinds)) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  }
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (isOpen(request)) return;
    const refusal = refuse(runtime.config.http.token, request);
    if (refusal) return reply.code(refusal.status).send({ error: refusal });
  });
  app.setErrorHandler((error, _request, reply) =>
    answerError(runtime, error as Error & { statusCode?: number }, reply),
  );
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({
      error: { code: 'not-found', message: `There is no ${request.method} ${request.url.split('?')[0]} here.` },
    });
  });

  app.post('/api/articles', (request, reply) => postArticle(runtime, request, reply));
  app.get<{ Params: { id: string } }>('/api/articles/:id', async ({ params }, reply) => {
    const state = await readArticleState(runtime, params.id);
    return (
      state ?? reply.code(404).send({ error: { code: 'not-found', message: `There is no article "${params.id}".` } })
    );
  });
  app.get<{ Querystring: { state?: string; limit?: string } }>('/api/deliveries', async ({ query }) => {
    const state = query.state ?? 'published';
    if (!deliveryStates.includes(state as DeliveryState)) {
      throw new InputError(`state: expected one of ${deliveryStates.join(', ')}, got "${state}".`, {
        code: 'invalid',
        status: 422,
      });
    }
    const limit = Math.min(1000, Math.max(1, Number(query.limit ?? 100) || 100));
    return { deliveries: await runtime.deliveries.list(state as DeliveryState, limit) };
  });
  app.get('/health', async () => ({ ok: true }));
  app.get('/ready', async (_request, reply) => {
    const { ready, missing } = await readiness(runtime);
    return reply.code(ready ? 200 : 503).send({ ready, missing });
  });
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.read()));
  app.get('/', async (_request, reply) => {
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
    return reply
      .type('text/html; charset=utf-8')
      .send(renderDesk(await readOverview(runtime), await runtime.deliveries.list('published', 30)));
  });
  return app;
}

async function postArticle(runtime: Runtime, request: FastifyRequest, reply: FastifyReply) {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const body = request.body as Buffer | undefined;
  const kind = bodyKinds[type];
  if (!body || body.length === 0)
    throw new InputError('The request has no body. Send an article.', { code: 'empty', status: 400 });
  if (!kind) throw unsupported();
  const draft = readArticle({ bytes: body, kind, name: 'the article' });
  const key = request.headers['idempotency-key'];
  const idempotency = typeof key === 'string' && key !== '' ? { key, request: body } : undefined;
  const result = await ingest(runtime.ingest, draft, idempotency ? { idempotency } : {});
  if (result.verdict === 'replayed' && idempotency) {
    const first = await runtime.articles.answer(hash(idempotency.key));
    if (first !== undefined) {
      const { status, body } = JSON.parse(first) as { status: number; body: unknown };
      return reply.code(status).send(body);
    }
  }
  const status = result.verdict === 'duplicate' ? 200 : 202;
  const answer = {
    article: result.article,
    deliveries: result.deliveries,
    ...(result.verdict === 'duplicate' ? { duplicate: true } : {}),
  };
  if (idempotency) await runtime.articles.keepAnswer(hash(idempotency.key), JSON.stringify({ status, body: answer }));
  return reply.code(status).send(answer);
}

/** What machines ask for to see whether we live needs no token. */
function isOpen({ url }: FastifyRequest): boolean {
  return url === '/health' || url === '/ready';
}

/**
 * With a token: only bearers of it. Without: only this machine, and only by a loopback name (a page elsewhere could
 * otherwise reach us through the reader's own browser).
 */
function refuse(
  token: string | undefined,
  request: FastifyRequest,
): { status: number; code: string; message: string } | undefined {
  if (token !== undefined) {
    const given = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1] ?? '';
    if (equal(given, token)) return undefined;
    return {
      status: 401,
      code: 'unauthorized',
      message: 'Send the token of the config (http.token) as "Authorization: Bearer …".',
    };
  }
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const origin = request.headers.origin;
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/i;
  if (loopback.test(host) && (origin === undefined || loopback.test(URL.parse(origin)?.hostname ?? '')))
    return undefined;
  return {
    status: 403,
    code: 'forbidden',
    message: 'Without http.token in the config, only callers on this machine are served.',
  };
}

function equal(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => Buffer.from(hash(text)));
  return a !== undefined && b !== undefined && timingSafeEqual(a, b) && given.length === token.length;
}

function unsupported(): InputError {
  return new InputError(`Content-Type: expected ${Object.keys(bodyKinds).join(', ')}.`, {
    code: 'unsupported',
    status: 415,
  });
}

function answerError(runtime: Runtime, error: Error & { statusCode?: number; code?: string }, reply: FastifyReply) {
  if (error instanceof InputError) {
    return reply.code(error.status).send({ error: { code: error.code, message: error.message } });
  }
  if (error.statusCode === 413) {
    return reply
      .code(413)
      .send({ error: { code: 'too-large', message: `An article may have ${maxBodyBytes} bytes.` } });
  }
  if (error.statusCode === 415) {
    const { code, message } = unsupported();
    return reply.code(415).send({ error: { code, message } });
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return reply.code(error.statusCode).send({ error: { code: error.code ?? 'bad-request', message: error.message } });
  }
  runtime.log.error({ error: error.message }, 'request failed');
  // Most likely Redis is away: nothing was stored, and the caller should try again.
  return reply
    .code(503)
    .header('retry-after', '5')
    .send({
      error: { code: 'unavailable', message: 'The store cannot be reached now; nothing was stored. Try again.' },
    });
}

/** Ready: Redis answers in time, and every platform with a channel has a worker. */
async function readiness({ redis, config }: Runtime): Promise<{ ready: boolean; missing: string[] }> {
  try {
    const alive = new Set(
      (await withTimeout(listPresences(redis, config.redis.prefix), 2_000)).flatMap(({ roles }) => roles),
    );
    const used = Object.keys(platforms).filter((id) => config.channels.some(({ platform }) => platform === id));
    const missing = [...used, 'articles'].filter((role) => !alive.has(role)).map((role) => `worker ${role}`);
    return { ready: missing.length === 0, missing };
  } catch {
    return { ready: false, missing: ['redis'] };
  }
}

function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error('too slow')), ms).unref()),
  ]);
}
