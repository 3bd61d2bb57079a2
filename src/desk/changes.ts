import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InputError } from '../core/errors.ts';
import { correct } from '../pipeline/correct.ts';
import { retract } from '../pipeline/retract.ts';
import type { Stores } from '../runtime/stores.ts';
import { readArticle } from '../sources/index.ts';
import { bodyKinds, unsupported } from './answers.ts';
import { readAskedDeletions, readRetraction } from './retractions.ts';

type ById = { Params: { id: string } };
const longestWhy = 1_000;

/**
 * `PUT /api/articles/:id` (a new version), `DELETE /api/articles/:id` (retract), `GET /api/articles/:id/retraction`, and
 * `GET /api/deletions`, `DELETE /api/deletions/:id` for what is gone at its source.
 */
export function registerChangeRoutes(app: FastifyInstance, stores: Stores): void {
  const stored = { config: { needsStore: true } };
  app.put<ById>('/api/articles/:id', stored, async (request, reply) => {
    const { id } = request.params;
    const draft = readDraft(request);
    if (draft.id !== undefined && draft.id !== id) {
      const message = `id: the article says "${draft.id}", the address "${id}". Leave it out, or give the same.`;
      throw new InputError(message, { code: 'invalid', status: 422 });
    }
    const corrected = await correct(stores.retract, id, draft);
    if (corrected.verdict === 'missing') return missing(reply, id);
    const { verdict, article, deliveries } = corrected;
    if (verdict === 'retracted') {
      const message = `Article "${id}" was retracted, and stays so.`;
      return reply.code(409).send({ error: { code: 'retracted', message } });
    }
    return reply.code(verdict === 'corrected' ? 202 : 200).send({
      article,
      deliveries,
      ...(verdict === 'unchanged' ? { unchanged: true } : {}),
    });
  });
  app.delete<ById & { Querystring: { why?: string } }>(
    '/api/articles/:id',
    stored,
    async ({ params: { id }, query }, reply) => {
      const { verdict } = await retract(stores.retract, id, { why: String(query.why ?? '').slice(0, longestWhy) });
      if (verdict === 'missing') return missing(reply, id);
      await stores.deletions.answered(id);
      return reply.code(verdict === 'retracted' ? 202 : 200).send(await readRetraction(stores, id));
    },
  );
  app.get<ById>('/api/articles/:id/retraction', stored, async ({ params: { id } }, reply) => {
    const retraction = await readRetraction(stores, id);
    if (retraction) return retraction;
    return reply
      .code(404)
      .send({ error: { code: 'not-found', message: `There is no article "${id}" that was retracted.` } });
  });
  app.get('/api/deletions', stored, async () => ({ deletions: await readAskedDeletions(stores) }));
  app.delete<ById>('/api/deletions/:id', stored, async ({ params: { id } }, reply) => {
    if (await stores.deletions.answered(id)) return { article: id, kept: true };
    return reply.code(404).send({ error: { code: 'not-found', message: `Nobody is asked about article "${id}".` } });
  });
}

function readDraft(request: FastifyRequest) {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const bytes = request.body as Buffer | undefined;
  if (!bytes || bytes.length === 0)
    throw new InputError('The request has no body. Send an article.', { code: 'empty', status: 400 });
  const kind = bodyKinds[type];
  if (!kind) throw unsupported();
  return readArticle({ bytes, kind, name: 'the article' });
}

function missing(reply: FastifyReply, id: string) {
  return reply.code(404).send({ error: { code: 'not-found', message: `There is no article "${id}".` } });
}
