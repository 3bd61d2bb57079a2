import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { parseMultipart, type UploadedFile } from './multipart.ts';

/** The fields of a request, however they were sent. */
export interface RequestBody {
  fields: Record<string, unknown>;
  files: UploadedFile[];
  form: 'none' | 'json' | 'urlencoded' | 'multipart';
  /** True where the body does not hold to its form, or holds text that is no Unicode; then it has no fields. */
  malformed: boolean;
}

const maxBytes = 55 * 1024 * 1024;
const maxDepth = 64;

/** Reads a request's body to its end. `too-large`: over 55 MB; undefined where the connection broke off. */
export async function readBody(
  request: IncomingMessage,
  contentType = request.headers['content-type'] ?? '',
): Promise<RequestBody | 'too-large' | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not by iteration: that costs more than the rest of a request.
  const isWhole = await new Promise<boolean>((resolve) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.once('end', () => resolve(true));
    request.once('error', () => resolve(false));
    request.once('close', () => resolve(false));
  });
  if (!isWhole) return undefined;
  const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  return size > maxBytes ? 'too-large' : parseBody(bytes, contentType);
}

/** Parses JSON, form and multipart bodies, by their content type; JSON where it names neither of the others. */
export function parseBody(bytes: Buffer, contentType: string): RequestBody {
  const type = contentType.trimStart().toLowerCase();
  if (type.startsWith('multipart/form-data')) {
    const parsed = parseMultipart(bytes, contentType);
    return { fields: {}, files: [], ...parsed, form: 'multipart', malformed: parsed === undefined };
  }
  if (bytes.length === 0) return { fields: {}, files: [], form: 'none', malformed: false };
  const text = isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  if (type.startsWith('application/x-www-form-urlencoded')) {
    const fields = text === undefined ? {} : Object.fromEntries(new URLSearchParams(text));
    return { fields, files: [], form: 'urlencoded', malformed: text === undefined };
  }
  const fields = text === undefined ? undefined : parseJson(text);
  return { fields: fields ?? {}, files: [], form: 'json', malformed: fields === undefined };
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
    // In UTF-8 only an escape can be half of a pair.
    const escapes = /\\u[dD]/.test(text);
    return isObject && isSound(json, maxDepth, escapes) ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** No half surrogate pairs where there are `escapes`, and no nesting that would overflow a stack later. */
function isSound(value: unknown, depth: number, escapes: boolean): boolean {
  if (typeof value === 'string') return !escapes || value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  for (const key in value) {
    if (escapes && !key.isWellFormed()) return false;
    if (!isSound((value as Record<string, unknown>)[key], depth - 1, escapes)) return false;
  }
  return true;
}
