import type { FastifyReply, FastifyRequest } from 'fastify';
import { InputError } from '../core/errors.ts';
import { ingest } from '../pipeline/ingest.ts';
import type { Stores } from '../runtime/stores.ts';
import { readArticle } from '../sources/index.ts';

export const bulkType = 'application/x-ndjson';
export const maxBulkBytes = 10 * 1024 * 1024;
const maxLines = 1_000;

interface BulkLine {
  /** Counted from 1. */
  line: number;
  /** As a single request would be answered. */
  status: number;
  article?: string;
  duplicate?: true;
  error?: { code: string; message: string };
}

/** `POST /api/articles` with an article a line. Each line stands for itself: a bad one stops no other. */
export async function postBulk(stores: Stores, request: FastifyRequest, reply: FastifyReply) {
  if (request.headers['idempotency-key'] !== undefined) {
    const message =
      'Idempotency-Key: not for many articles at once. Give each an "id" or a "url": what is known is not stored twice.';
    throw new InputError(message, { code: 'invalid', status: 422 });
  }
  const bytes = request.body as Buffer | undefined;
  const lines = linesOf(bytes ?? Buffer.alloc(0));
  if (lines.length === 0)
    throw new InputError('The request has no lines. Send an article a line.', { code: 'empty', status: 400 });
  if (lines.length > maxLines) {
    throw new InputError(`The request has ${lines.length} lines; up to ${maxLines} at once.`, {
      code: 'too-large',
      status: 413,
    });
  }
  const results: BulkLine[] = [];
  for (const one of lines) results.push(await take(stores, one));
  return reply.code(200).send({ results });
}

/** Lines that hold something, with their numbers. */
function linesOf(bytes: Buffer): { line: number; bytes: Buffer }[] {
  const lines: { line: number; bytes: Buffer }[] = [];
  let line = 1;
  for (let from = 0; from <= bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, from);
    const part = bytes.subarray(from, end < 0 ? bytes.length : end);
    if (part.some((byte) => byte > 0x20)) lines.push({ line, bytes: part });
    from = end < 0 ? bytes.length + 1 : end + 1;
  }
  return lines;
}

/** Throws only where the store is away. */
async function take(stores: Stores, { line, bytes }: { line: number; bytes: Buffer }): Promise<BulkLine> {
  try {
    const draft = readArticle({ bytes, kind: 'json', name: `line ${line}` });
    const { verdict, article } = await ingest(stores.ingest, draft);
    const isDuplicate = verdict === 'duplicate';
    return { line, status: isDuplicate ? 200 : 202, article: article.id, ...(isDuplicate ? { duplicate: true } : {}) };
  } catch (error) {
    if (!(error instanceof InputError) || error.status >= 500) throw error;
    return { line, status: error.status, error: { code: error.code, message: error.message } };
  }
}
