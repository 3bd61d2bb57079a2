import type { FastifyInstance } from 'fastify';
import { readTime } from '../core/time.ts';
import { decideDeliveries, decisionRefusal } from '../pipeline/approve.ts';
import type { Stores } from '../runtime/stores.ts';
import { invalid, readJson } from './answers.ts';
import { readAsked } from './approvals.ts';
import { missing } from './deliveries.ts';
import { readArticleState } from './state.ts';

const mostAsked = 1_000;

/**
 * `GET /api/approvals`, `POST /api/deliveries/:id/approve` and `…/reject`, and `POST /api/articles/:id/embargo`. Bodies
 * come as bytes.
 */
export function registerDecisionRoutes(app: FastifyInstance, stores: Stores): void {
  const stored = { config: { needsStore: true } };
  app.get('/api/approvals', stored, async () => ({ approvals: await readAsked(stores, mostAsked) }));
  for (const [path, word] of [
    ['approve', 'yes'],
    ['reject', 'no'],
  ] as const) {
    app.post<{ Params: { id: string } }>(`/api/deliveries/:id/${path}`, stored, async ({ params: { id } }, reply) => {
      const [decided] = await decideDeliveries(stores, [id], word);
      if (!decided) return missing(reply, id);
      const { verdict, delivery } = decided;
      if (verdict !== 'refused') return { delivery };
      return reply.code(409).send({ error: { code: 'not-waiting', message: decisionRefusal(delivery) }, delivery });
    });
  }
  app.post<{ Params: { id: string } }>('/api/articles/:id/embargo', stored, async (request, reply) => {
    const { id } = request.params;
    const untilMs = readUntil(request.body as Buffer | undefined, request.headers['content-type']);
    if (!(await stores.articles.embargo(id, untilMs))) {
      return reply.code(404).send({ error: { code: 'not-found', message: `There is no article "${id}".` } });
    }
    return readArticleState(stores, id);
  });
}

/** Reads `{embargoUntil: TIME or null}`. Throws `InputError`: 422, or as `readJson`. */
function readUntil(bytes: Buffer | undefined, type: string | undefined): number | undefined {
  const { embargoUntil, ...others } = readJson(bytes, type, expected);
  const unknown = Object.keys(others).map((key) => `"${key.slice(0, 100)}": there is no such key.`);
  if (unknown.length > 0) throw invalid('unknown-key', 422, [...unknown, expected].join(' '));
  if (embargoUntil === null) return undefined;
  const ms = typeof embargoUntil === 'string' ? readTime(embargoUntil) : undefined;
  if (ms === undefined) throw invalid('invalid', 422, expected);
  return ms;
}

const expected =
  'Expected {"embargoUntil": "2026-05-01T14:30:00+03:00"}, a time with offset, or {"embargoUntil": null} to lift it.';
