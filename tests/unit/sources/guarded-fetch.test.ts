import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createGuardedFetch, FetchError, type GuardedFetch } from '../../../src/sources/guarded-fetch.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function serve(listener: RequestListener): Promise<{ port: number; root: string; hits: () => number }> {
  let hits = 0;
  const server = createServer((request, answer) => {
    hits += 1;
    listener(request, answer);
  });
  const port = await listen(server);
  return { port, root: `http://127.0.0.1:${port}`, hits: () => hits };
}

/** A server that writes what it likes. */
async function serveRaw(reply: string): Promise<string> {
  const port = await listen(createTcpServer((socket) => void socket.once('data', () => socket.write(reply))));
  return `http://127.0.0.1:${port}/`;
}

async function listen(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  open.push({
    close: () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
}

function guarded(options: Partial<Parameters<typeof createGuardedFetch>[0]> = {}): GuardedFetch {
  const fetch = createGuardedFetch({ allow: [], ports: [80, 443], timeoutMs: 5_000, maxBytes: 100_000, ...options });
  open.push(fetch);
  return fetch;
}
const local = (options: Partial<Parameters<typeof createGuardedFetch>[0]> = {}) =>
  guarded({ allow: ['127.0.0.1/32'], ...options });

/** A resolver that leads every name to these addresses, one set a call (the last stays). */
function resolver(...answers: string[][]): LookupFunction {
  let call = 0;
  return ((_host: string, _options: object, done: (error: null, found: object[]) => void) => {
    const found = answers[Math.min(call, answers.length - 1)] ?? [];
    call += 1;
    done(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as LookupFunction;
}

const refusal = (pattern = /./) => ({ name: 'FetchError', refused: true, message: expect.stringMatching(pattern) });

describe('an address from content', () => {
  it.each(
    `127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.0.0.1. 0.0.0.0
    0 localhost localhost. LOCALHOST [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1]
    [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::] [fe80::1] [fc00::1]
    [fd12:3456::1] [fec0::1] [ff02::1] [2001:db8::1] [100::1] [5f00::1] 10.0.0.1 172.16.0.1
    192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.1 192.0.2.1 198.18.0.1 203.0.113.1 224.0.0.1
    240.0.0.1 255.255.255.255 １２７.0.0.1 ①②⑦.0.0.1 127。0。0。1 %31%32%37.0.0.1 desk.localhost`.split(/\s+/),
  )('is refused where it leads to a private machine: %s', async (host) => {
    await expect(guarded().get(`http://${host}/`)).rejects.toMatchObject(refusal());
  });

  it.each([
    'ftp://example.org/a',
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:1',
    'gopher://example.org/',
    'nonsense',
    '//example.org/a',
    '',
  ])('is refused by its scheme: %s', async (address) => {
    await expect(guarded().get(address)).rejects.toMatchObject(refusal());
  });

  it('is refused with a user name or password, which the message does not repeat', async () => {
    const error = await guarded()
      .get('http://desk:s3cret@example.org/')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(refusal(/user name/));
    expect(String((error as FetchError).message)).not.toMatch(/s3cret|desk:/);
  });

  it.each([1, 22, 6379, 8080, 0])(
    'is refused on port %d, by number and by name, with and without an allow list',
    async (port) => {
      const lookup = resolver(['93.184.216.34']);
      for (const allow of [[], ['127.0.0.1/32']]) {
        const fetch = guarded({ allow, lookup });
        await expect(fetch.get(`http://93.184.216.34:${port}/`)).rejects.toMatchObject(refusal());
        await expect(fetch.get(`http://news.example:${port}/`)).rejects.toMatchObject(refusal(/port|public/));
      }
    },
  );
});

describe('a name', () => {
  it('is refused where any of its addresses is private', async () => {
    const fetch = guarded({ lookup: resolver(['93.184.216.34', '10.0.0.7']) });
    await expect(fetch.get('http://news.example/')).rejects.toMatchObject(refusal(/10\.0\.0\.7/));
  });

  it('that turns private between two requests is refused on the second', async () => {
    const { port, hits } = await serve((_request, answer) => answer.setHeader('connection', 'close').end('ok'));
    const fetch = local({ lookup: resolver(['127.0.0.1'], ['127.0.0.2']) });
    expect((await fetch.get(`http://news.example:${port}/`)).bytes.toString()).toBe('ok');
    await expect(fetch.get(`http://news.example:${port}/`)).rejects.toMatchObject(refusal(/127\.0\.0\.2/));
    expect(hits()).toBe(1);
  });

  it('is looked up once a connection: what was judged is what is connected to', async () => {
    const { port, hits } = await serve((_request, answer) => answer.end('ok'));
    let calls = 0;
    const lookup = ((host: string, options: object, done: never) => {
      calls += 1;
      (resolver(calls === 1 ? ['127.0.0.1'] : ['10.0.0.1']) as unknown as (...all: unknown[]) => void)(
        host,
        options,
        done,
      );
    }) as unknown as LookupFunction;
    expect((await local({ lookup }).get(`http://news.example:${port}/`)).bytes.toString()).toBe('ok');
    expect([calls, hits()]).toEqual([1, 1]);
  });
});

describe('the allow list', () => {
  it('opens exactly its ranges, on any port', async () => {
    const { port } = await serve((_request, answer) => answer.end('ok'));
    expect((await guarded({ allow: ['127.0.0.1/32'] }).get(`http://127.0.0.1:${port}/`)).bytes.toString()).toBe('ok');
    expect((await guarded({ allow: ['127.0.0.0/8'] }).get(`http://[::ffff:127.0.0.1]:${port}/`)).bytes.toString()).toBe(
      'ok',
    );
    const others = guarded({ allow: ['127.0.0.2/32', '::1/128', '10.0.0.0/8'] });
    await expect(others.get(`http://127.0.0.1:${port}/`)).rejects.toMatchObject(refusal());
    await expect(others.get(`http://127.0.0.3:${port}/`)).rejects.toMatchObject(refusal());
    await expect(others.get('http://192.168.0.1/')).rejects.toMatchObject(refusal());
  });
});

describe('a redirect', () => {
  it.each([
    'http://10.0.0.1/',
    'http://[::1]/',
    'http://[fd00::1]:1/',
    'file:///etc/passwd',
    'http://a:b@127.0.0.1/',
    '//169.254.169.254/latest',
  ])('to %s is refused', async (location) => {
    const { root } = await serve((_request, answer) => answer.writeHead(302, { location }).end());
    await expect(local().get(root)).rejects.toMatchObject(refusal());
  });

  it('is followed three times, not four', async () => {
    const { root, hits } = await serve((request, answer) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) answer.end('there');
      else answer.writeHead(301, { location: `/${left - 1}` }).end();
    });
    const fetched = await local().get(`${root}/3`);
    expect([fetched.bytes.toString(), fetched.url]).toEqual(['there', `${root}/0`]);
    await expect(local().get(`${root}/9`)).rejects.toMatchObject(refusal(/redirects more than 3/));
    expect(hits()).toBe(4 + 4);
  });

  it('without a usable target is an error', async () => {
    const { root } = await serve((_request, answer) => answer.writeHead(302, { location: 'http://' }).end());
    await expect(local().get(root)).rejects.toBeInstanceOf(FetchError);
  });
});

describe('an answer', () => {
  const packed = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync, 'deflate, raw': deflateRawSync };
  const nameOf = (packing: string) => packing.replace(/,.*/, '');

  it.each(Object.entries(packed))('packed by %s is unpacked', async (packing, pack) => {
    const { root } = await serve((_request, answer) =>
      answer
        .writeHead(200, { 'content-encoding': nameOf(packing), 'content-type': 'text/plain; charset=UTF-8' })
        .end(pack('خبر')),
    );
    const { bytes, contentType, charset } = await local().get(root);
    expect([bytes.toString(), contentType, charset]).toEqual(['خبر', 'text/plain', 'utf-8']);
  });

  it.each(Object.entries(packed))(
    'packed by %s that would unpack beyond the limit is stopped there',
    async (packing, pack) => {
      const bomb = pack(Buffer.alloc(24 * 1024 * 1024));
      const { root } = await serve((_request, answer) =>
        answer.writeHead(200, { 'content-encoding': nameOf(packing) }).end(bomb),
      );
      const before = process.memoryUsage().arrayBuffers;
      await expect(local().get(root)).rejects.toMatchObject(refusal(/larger than 100000 bytes/));
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    },
  );

  it('larger than the limit is stopped, whatever length it claims', async () => {
    const { root } = await serve((_request, answer) => {
      answer.on('error', () => {});
      answer.writeHead(200);
      const more = () => answer.destroyed || answer.write(Buffer.alloc(65_536), () => setImmediate(more));
      more();
    });
    await expect(local().get(root)).rejects.toMatchObject(refusal(/larger/));
  });

  it.each([
    ['shorter than its stated length', 'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nshort'],
    ['cut in its head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['that never comes', ''],
  ])('%s ends by the deadline', async (_, reply) => {
    const started = performance.now();
    await expect(local({ timeoutMs: 300 }).get(await serveRaw(reply))).rejects.toMatchObject({
      name: 'FetchError',
      refused: false,
      message: expect.stringMatching(/within 300 ms/),
    });
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it.each([
    ['identity', (bytes: Buffer) => bytes],
    ['gzip', gzipSync],
    ['deflate', deflateRawSync],
  ] as const)('that drips for ever (%s) ends by the deadline', async (encoding, pack) => {
    const stream = pack(Buffer.from(Array.from({ length: 9_000 }, (_, n) => (n * n * 7919) % 251)));
    const { root } = await serve((_request, answer) => {
      answer.writeHead(200, { 'content-encoding': encoding });
      let at = 0;
      const drip = setInterval(() => answer.write(stream.subarray(at, ++at)), 20);
      answer.on('close', () => clearInterval(drip));
    });
    await expect(local({ timeoutMs: 300 }).get(root)).rejects.toThrow(/did not answer fully within 300 ms/);
  });

  it.each([
    ['garbage', 'nonsense\r\n\r\n'],
    ['a broken deflate', `HTTP/1.1 200 OK\r\ncontent-encoding: deflate\r\ncontent-length: 3\r\n\r\nabc`],
    ['a broken gzip', `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc`],
    ['an unknown packing', `HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\ncontent-length: 3\r\n\r\nabc`],
    ['a server error', `HTTP/1.1 503 Busy\r\ncontent-length: 3\r\n\r\nabc`],
    ['not modified', 'HTTP/1.1 304 Not Modified\r\n\r\n'],
  ])('of %s is an error of ours', async (_, reply) => {
    await expect(local().get(await serveRaw(reply))).rejects.toBeInstanceOf(FetchError);
  });

  it('is given up when the caller does', async () => {
    const abort = new AbortController();
    const { root } = await serve(() => abort.abort());
    await expect(local().get(root, { signal: abort.signal })).rejects.toBeInstanceOf(FetchError);
  });
});
