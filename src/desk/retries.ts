import type { FastifyInstance } from 'fastify';
import type { Channel } from '../core/channel.ts';
import { findFailed, retryDeliveries, retryRefusal } from '../pipeline/retry.ts';
import { readFilter } from '../pipeline/retry-filter.ts';
import { platforms } from '../platforms/index.ts';
import type { Stores } from '../runtime/stores.ts';
import { invalid, readJson } from './answers.ts';
import { missing } from './deliveries.ts';

/** `POST /api/deliveries/:id/retry`, and `POST /api/deliveries/retry` for those that a filter means. */
export function registerRetryRoutes(app: FastifyInstance, stores: Stores, channels: () => readonly Channel[]): void {
  const stored = { config: { needsStore: true } };
  app.post<{ Params: { id: string } }>('/api/deliveries/:id/retry', stored, async ({ params: { id } }, reply) => {
    const [retried] = await retryDeliveries(stores, [id]);
    if (!retried) return missing(reply, id);
    const { verdict, delivery } = retried;
    if (verdict === 'retried') return reply.code(202).send({ delivery });
    return reply.code(409).send({ error: { code: 'not-failed', message: retryRefusal(delivery) }, delivery });
  });
  app.post('/api/deliveries/retry', stored, async (request, reply) => {
    const body = readJson(request.body as Buffer | undefined, request.headers['content-type'], expected);
    const { dryRun = false, ...given } = body;
    const filter = readFilter(given, {
      channels: channels(),
      platforms: Object.keys(platforms),
      now: stores.clock.now(),
    });
    if (typeof dryRun !== 'boolean') throw invalid('invalid', 422, 'dryRun: expected true or false.');
    const found = await findFailed(stores.deliveries, filter);
    if (dryRun) return { retried: 0, refused: 0, deliveries: found };
    const results = await retryDeliveries(
      stores,
      found.map(({ id }) => id),
    );
    const retried = results.filter(({ verdict }) => verdict === 'retried').length;
    return reply.code(202).send({
      ...{ retried, refused: results.length - retried },
      deliveries: results.map(({ delivery }) => delivery),
    });
  });
}

const expected =
  'Expected a filter such as {"channel": "x-ar", "code": "403", "since": "6h"}, or {} for all that failed.';
