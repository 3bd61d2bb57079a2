/** A Redis command as it came: its words, and its bytes. */
export interface RawCommand {
  args: Buffer[];
  bytes: Buffer;
}

/** A reply of Redis; maps and sets are lists here. */
export type Reply = string | number | boolean | null | Reply[];

/** Cuts a stream into pieces by `read`, which gives one piece and where it ends, or undefined where it is not whole. */
export function createCutter<Piece>(
  read: (bytes: Buffer, at: number) => { end: number; value: Piece } | undefined,
): (chunk: Buffer) => { value: Piece; bytes: Buffer }[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const pieces: { value: Piece; bytes: Buffer }[] = [];
    let at = 0;
    while (at < bytes.length) {
      const found = read(bytes, at);
      if (!found) break;
      pieces.push({ value: found.value, bytes: bytes.subarray(at, found.end) });
      at = found.end;
    }
    rest = bytes.subarray(at);
    return pieces;
  };
}

/** The end of the line that begins at `at`, without its line break; -1 where it has not come yet. */
function lineEnd(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(13, at);
  return end < 0 || end + 1 >= bytes.length ? -1 : end;
}

/** One command: an array of bulk strings, as all clients send it. */
export function readCommand(bytes: Buffer, start: number): { end: number; value: Buffer[] } | undefined {
  let at = lineEnd(bytes, start);
  if (at < 0) return undefined;
  if (bytes[start] !== 42) throw new Error(`not a command: ${bytes.subarray(start, at).toString('latin1')}`);
  const count = Number(bytes.toString('latin1', start + 1, at));
  const args: Buffer[] = [];
  at += 2;
  for (let index = 0; index < count; index += 1) {
    const end = lineEnd(bytes, at);
    if (end < 0) return undefined;
    const length = Number(bytes.toString('latin1', at + 1, end));
    const from = end + 2;
    if (from + length + 2 > bytes.length) return undefined;
    args.push(bytes.subarray(from, from + length));
    at = from + length + 2;
  }
  return { end: at, value: args };
}

/** One reply of either protocol (RESP2, RESP3). A push message, which answers no command, is `{push}`. */
export function readReply(
  bytes: Buffer,
  start: number,
): { end: number; value: { push: boolean; reply: Reply } } | undefined {
  const found = readValue(bytes, start);
  return found && { end: found.end, value: { push: bytes[start] === 62, reply: found.value } };
}

function readValue(bytes: Buffer, start: number): { end: number; value: Reply } | undefined {
  const lineTo = lineEnd(bytes, start);
  if (lineTo < 0) return undefined;
  const type = String.fromCharCode(bytes[start] as number);
  const line = bytes.toString('utf8', start + 1, lineTo);
  const next = lineTo + 2;
  switch (type) {
    case '+':
    case '-':
    case ',':
    case '(':
      return { end: next, value: line };
    case ':':
      return { end: next, value: Number(line) };
    case '#':
      return { end: next, value: line === 't' };
    case '_':
      return { end: next, value: null };
    case '$':
    case '=':
    case '!': {
      const length = Number(line);
      if (length < 0) return { end: next, value: null };
      if (next + length + 2 > bytes.length) return undefined;
      return { end: next + length + 2, value: bytes.toString('utf8', next, next + length) };
    }
    case '*':
    case '~':
    case '>':
      return readMany(bytes, next, Number(line));
    case '%':
      return readMany(bytes, next, Number(line) * 2);
    default:
      throw new Error(`not a reply of Redis: ${type}${line.slice(0, 40)}`);
  }
}

function readMany(bytes: Buffer, start: number, count: number): { end: number; value: Reply } | undefined {
  if (count < 0) return { end: start, value: null };
  const values: Reply[] = [];
  let at = start;
  for (let index = 0; index < count; index += 1) {
    const found = readValue(bytes, at);
    if (!found) return undefined;
    values.push(found.value);
    at = found.end;
  }
  return { end: at, value: values };
}
