import { isUtf8 } from 'node:buffer';

/** A file in a multipart body. */
export interface UploadedFile {
  name: string;
  filename: string;
  mimeType: string;
  bytes: Buffer;
}

interface Multipart {
  fields: Record<string, unknown>;
  files: UploadedFile[];
}

const crlf = Buffer.from('\r\n');
const emptyLine = Buffer.from('\r\n\r\n');

/**
 * Parses `multipart/form-data` (RFC 2046, RFC 7578): a mark counts only at the start of a line and alone on it, so that
 * a file may hold the boundary's text. Undefined where there is no boundary, no last mark, or a part without a name.
 */
export function parseMultipart(bytes: Buffer, contentType: string): Multipart | undefined {
  const boundary = parameters(contentType).get('boundary');
  if (!boundary) return undefined;
  // The first mark may be the very start of the body: as if a line ended before it.
  const whole = Buffer.concat([crlf, bytes]);
  const mark = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const fields: [string, string][] = [];
  const files: UploadedFile[] = [];
  let start: number | undefined;
  for (let at = whole.indexOf(mark); at >= 0; at = whole.indexOf(mark, at + 2)) {
    const after = at + mark.length;
    const isLast = whole.toString('latin1', after, after + 2) === '--';
    const next = isLast ? after + 2 : lineEnd(whole, after);
    if (next === undefined) continue;
    const part = start === undefined ? undefined : readPart(whole.subarray(start, Math.max(start, at)));
    if (start !== undefined && part === undefined) return undefined;
    if (part && 'text' in part) fields.push([part.name, part.text]);
    else if (part) files.push(part);
    if (isLast) return { fields: Object.fromEntries(fields), files };
    start = next;
  }
  return undefined;
}

/** Where the line after a mark begins; undefined where more than white space follows the mark. */
function lineEnd(bytes: Buffer, from: number): number | undefined {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at += 1;
  return bytes[at] === 0x0d && bytes[at + 1] === 0x0a ? at + 2 : undefined;
}

function readPart(part: Buffer): UploadedFile | { name: string; text: string } | undefined {
  const split = part.indexOf(emptyLine);
  if (split < 0) return undefined;
  const head = part.toString('utf8', 0, split);
  const content = part.subarray(split + emptyLine.length);
  const disposition = parameters(head.match(/^content-disposition:(.*)$/im)?.[1] ?? '');
  const name = disposition.get('name');
  const filename = disposition.get('filename');
  if (name === undefined) return undefined;
  if (filename === undefined) return isUtf8(content) ? { name, text: content.toString('utf8') } : undefined;
  const mimeType = head.match(/^content-type:\s*([^\s;]+)/im)?.[1] ?? 'application/octet-stream';
  return { name, filename, mimeType, bytes: Buffer.from(content) };
}

/** Parameters of a header value (`; name="value"`), quoted or not. */
function parameters(header: string): Map<string, string> {
  const found = header.matchAll(/;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g);
  return new Map(
    [...found].map(([, name = '', quoted, bare]) => [
      name.toLowerCase(),
      quoted?.replace(/\\(["\\])/g, '$1') ?? bare ?? '',
    ]),
  );
}
