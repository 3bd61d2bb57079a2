import type { FastifyInstance, FastifyReply } from 'fastify';
import { cancelList } from '../pipeline/fanout/control.ts';
import { type ResolveDeps, refusalOf, resolveDelivery, type Word } from '../pipeline/resolve.ts';
import { platforms } from '../platforms/index.ts';
import type { Stores } from '../runtime/stores.ts';
import { invalid, readJson } from './answers.ts';
import { readDeliveryStory } from './state.ts';

/** What the commands and the API need to settle a delivery. */
export function resolveDeps({ deliveries, fanouts }: Pick<Stores, 'deliveries' | 'fanouts'>): ResolveDeps {
  return {
    deliveries,
    fanouts,
    remoteIdOf: (platform, text) => platforms[platform]?.remoteIdOf?.(text),
  };
}

/** `GET /api/deliveries/:id`, and `POST …/resolve` and `…/cancel`. Bodies come as bytes. */
export function registerDeliveryRoutes(app: FastifyInstance, stores: Stores): void {
  const stored = { config: { needsStore: true } };
  app.get<{ Params: { id: string } }>('/api/deliveries/:id', stored, async ({ params: { id } }, reply) => {
    const story = await readDeliveryStory(stores, id);
    if (!story) return missing(reply, id);
    const { history, posts, ...delivery } = story;
    return { delivery, history, posts };
  });
  app.post<{ Params: { id: string } }>('/api/deliveries/:id/cancel', stored, async ({ params: { id } }) => ({
    delivery: (await cancelList(stores, id)).delivery,
  }));
  app.post<{ Params: { id: string } }>('/api/deliveries/:id/resolve', stored, async (request, reply) => {
    const word = readWord(request.body as Buffer | undefined, request.headers['content-type']);
    const { id } = request.params;
    const resolved = await resolveDelivery(resolveDeps(stores), id, word);
    if (resolved.verdict === 'missing') return missing(reply, id);
    if (resolved.verdict === 'resolved') return { delivery: resolved.delivery };
    return reply.code(409).send({ error: { code: 'not-unconfirmed', message: refusalOf(resolved.delivery) } });
  });
}

/** The answer for a delivery that there is not. */
export function missing(reply: FastifyReply, id: string) {
  return reply.code(404).send({ error: { code: 'not-found', message: `There is no delivery "${id}".` } });
}

/** Reads `{published: true, url}` or `{published: false}`. Throws `InputError`: 422, or as `readJson`. */
function readWord(bytes: Buffer | undefined, type: string | undefined): Word {
  const { published, url, ...others } = readJson(bytes, type, expected);
  const unknown = Object.keys(others);
  const problems = unknown.map((key) => `"${key.slice(0, 100)}": there is no such key.`);
  if (typeof published !== 'boolean') problems.push('published: expected true or false.');
  else if (published && typeof url !== 'string') problems.push('url: expected the address of the post, as text.');
  else if (!published && url !== undefined) problems.push('url: only with "published": true.');
  if (problems.length > 0)
    throw invalid(unknown.length > 0 ? 'unknown-key' : 'invalid', 422, [...problems, expected].join(' '));
  return published === true ? { published, url: url as string } : { published: false };
}

const expected = 'Expected {"published": true, "url": "…"} or {"published": false}.';
