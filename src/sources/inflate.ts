import { Duplex, pipeline } from 'node:stream';
import { createInflate, createInflateRaw } from 'node:zlib';

/** Unpacks `deflate` as RFC 9110 means it (with the header of zlib), and as some servers send it (without). */
export function createInflateEither(): Duplex {
  return Duplex.from(async function* (source: AsyncIterable<Buffer>) {
    const chunks = source[Symbol.asyncIterator]();
    let head: Buffer = Buffer.alloc(0);
    while (head.length < 2) {
      const { value, done } = await chunks.next();
      if (done) break;
      head = Buffer.concat([head, value as Buffer]);
    }
    if (head.length === 0) return;
    const unpack = hasHeader(head) ? createInflate() : createInflateRaw();
    async function* whole() {
      yield head;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value as Buffer;
    }
    yield* pipeline(whole, unpack, () => {});
  });
}

/** RFC 1950: the method is 8, and the first two bytes are a multiple of 31. */
function hasHeader(bytes: Buffer): boolean {
  const [first = 0, second = 0] = bytes;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}
