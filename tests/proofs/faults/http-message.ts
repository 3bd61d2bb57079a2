/** A whole HTTP/1.1 message at the beginning of some bytes. */
export interface Message {
  /** Start line and headers. */
  head: string;
  body: string;
  /** Where the next one begins. */
  end: number;
}

/** Undefined where it is not whole yet, or ends only with its connection. */
export function readMessage(bytes: Buffer): Message | undefined {
  const split = bytes.indexOf('\r\n\r\n');
  if (split < 0) return undefined;
  const head = bytes.toString('latin1', 0, split);
  const start = split + 4;
  if (/^transfer-encoding:.*chunked/im.test(head)) return readChunks(bytes, head, start);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length === undefined && head.startsWith('HTTP/') && !/^HTTP\/1.1 (204|304|1..)/.test(head)) return undefined;
  const end = start + Number(length ?? 0);
  if (end > bytes.length) return undefined;
  return { head, body: bytes.toString('utf8', start, end), end };
}

function readChunks(bytes: Buffer, head: string, start: number): Message | undefined {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    const from = line + 2;
    if (from + size + 2 > bytes.length) return undefined;
    if (size === 0) return { head, body: Buffer.concat(parts).toString('utf8'), end: from + 2 };
    parts.push(bytes.subarray(from, from + size));
    at = from + size + 2;
  }
}
