import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InputError } from '../core/errors.ts';
import { hash } from '../pipeline/dedupe.ts';
import { type Ingested, ingest } from '../pipeline/ingest.ts';
import type { Stores } from '../runtime/stores.ts';
import { readArticle } from '../sources/index.ts';
import { bodyKinds, maxBodyBytes, tooLarge, unsupported } from './answers.ts';

interface Answer {
  status: number;
  body: unknown;
}

/** How long a repetition waits for the answer to the first request, which may still be on its way. */
const firstAnswerMs = 1_000;
const pollMs = 20;

/** `POST /api/articles`. */
export async function postArticle(stores: Stores, request: FastifyRequest, reply: FastifyReply) {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const bytes = request.body as Buffer | undefined;
  if (!bytes || bytes.length === 0)
    throw new InputError('The request has no body. Send an article.', { code: 'empty', status: 400 });
  const kind = bodyKinds[type];
  if (!kind) throw unsupported();
  // The path takes more for many articles at once; one may have as much as ever.
  if (bytes.length > maxBodyBytes) throw tooLarge();
  const draft = readArticle({ bytes, kind, name: 'the article' });
  const key = request.headers['idempotency-key'];
  const answer =
    typeof key === 'string' && key !== ''
      ? await answerOnce(stores, key, () => ingest(stores.ingest, draft, { idempotency: { key, request: bytes } }))
      : answerTo(await ingest(stores.ingest, draft));
  return reply.code(answer.status).send(answer.body);
}

function answerTo({ verdict, article, deliveries, likeness }: Ingested): Answer {
  const isDuplicate = verdict === 'duplicate';
  return {
    status: isDuplicate ? 200 : 202,
    body: {
      article,
      deliveries,
      ...(isDuplicate ? { duplicate: true } : {}),
      ...(likeness === undefined ? {} : { near: true, likeness }),
    },
  };
}

/** The first answer under a key is kept, and is every later one, whatever has become of the article meanwhile. */
async function answerOnce({ articles }: Stores, key: string, accept: () => Promise<Ingested>): Promise<Answer> {
  const keyHash = hash(key);
  const result = await accept();
  // Without a kept answer, the first request died before anybody was answered: then this is the first answer.
  const kept = result.verdict === 'replayed' ? await awaitAnswer(articles, keyHash) : undefined;
  return JSON.parse(kept ?? (await articles.keepAnswer(keyHash, JSON.stringify(answerTo(result))))) as Answer;
}

async function awaitAnswer(articles: Stores['articles'], keyHash: string): Promise<string | undefined> {
  const deadline = performance.now() + firstAnswerMs;
  for (;;) {
    const kept = await articles.answer(keyHash);
    if (kept !== undefined || performance.now() >= deadline) return kept;
    await delay(pollMs);
  }
}
