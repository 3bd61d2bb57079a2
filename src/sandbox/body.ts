import type { IncomingMessage } from 'node:http';

/** A file in a multipart body. */
export interface UploadedFile {
  name: string;
  filename: string;
  mimeType: string;
  bytes: Buffer;
}

/** The fields of a request, however they were sent. */
export interface RequestBody {
  fields: Record<string, unknown>;
  files: UploadedFile[];
  /** True where a JSON body could not be parsed. */
  malformed: boolean;
}

const maxBytes = 55 * 1024 * 1024;

/** Reads JSON, form and multipart bodies. Resolves to undefined where the body is too large or broke off. */
export async function readBody(request: IncomingMessage): Promise<RequestBody | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length;
      if (size > maxBytes) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return undefined;
  }
  return parse(Buffer.concat(chunks), request.headers['content-type'] ?? '');
}

function parse(bytes: Buffer, type: string): RequestBody {
  if (type.startsWith('multipart/form-data')) return parseMultipart(bytes, type);
  if (bytes.length === 0) return { fields: {}, files: [], malformed: false };
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return { fields: Object.fromEntries(new URLSearchParams(bytes.toString('utf8'))), files: [], malformed: false };
  }
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    const fields =
      typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : undefined;
    return { fields: fields ?? {}, files: [], malformed: fields === undefined };
  } catch {
    return { fields: {}, files: [], malformed: true };
  }
}

function parseMultipart(bytes: Buffer, type: string): RequestBody {
  const boundary = type.match(/boundary="?([^";]+)"?/)?.[1];
  const body: RequestBody = { fields: {}, files: [], malformed: boundary === undefined };
  if (boundary === undefined) return body;
  const mark = Buffer.from(`--${boundary}`);
  let at = bytes.indexOf(mark);
  while (at >= 0) {
    const next = bytes.indexOf(mark, at + mark.length);
    if (next < 0) break;
    // Between the marks: CRLF, head, empty line, content, CRLF.
    addPart(body, bytes.subarray(at + mark.length + 2, next - 2));
    at = next;
  }
  return body;
}

function addPart(body: RequestBody, part: Buffer): void {
  const split = part.indexOf('\r\n\r\n');
  if (split < 0) return;
  const head = part.toString('utf8', 0, split);
  const content = part.subarray(split + 4);
  const name = head.match(/[; ]name="([^"]*)"/i)?.[1];
  if (name === undefined) return;
  const filename = head.match(/filename="([^"]*)"/i)?.[1];
  if (filename === undefined) body.fields[name] = content.toString('utf8');
  else {
    const mimeType = head.match(/content-type:\s*([^\s;]+)/i)?.[1] ?? 'application/octet-stream';
    body.files.push({ name, filename, mimeType, bytes: Buffer.from(content) });
  }
}
