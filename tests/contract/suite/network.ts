import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { SendRequest } from '../../../src/core/platform.ts';
import type { Check } from './exercise.ts';
import { type Reaction, reply } from './gateway.ts';
import { onStage, type Stage } from './stage.ts';

const images = [{ url: 'https://news.example.com/picture.png' }];
const deadlineMs = 250;

/** A port where connections meet `greet`. */
async function openPort(greet: (socket: Socket) => void): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    greet(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, close };
}

/** Connections that fail before a request can be written. */
const unreachable: [string, () => Promise<{ root: string; close(): void }>][] = [
  // A port that no system gives out by itself: one that was just closed may belong to another test by now.
  ['nobody listens', async () => ({ root: 'http://127.0.0.1:1', close: () => {} })],
  // A label may have 63 characters: no resolver needs to be asked.
  ['the name does not exist', async () => ({ root: `http://${'x'.repeat(64)}.invalid`, close: () => {} })],
  ...(
    [
      ['the other side speaks no TLS', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
      ['the other side hangs up during the TLS handshake', (socket) => socket.once('data', () => socket.destroy())],
      ['the other side never answers the TLS handshake', () => {}],
    ] satisfies [string, (socket: Socket) => void][]
  ).map(([name, greet]): [string, () => Promise<{ root: string; close(): void }>] => [
    name,
    async () => {
      const { port, close } = await openPort(greet);
      return { root: `https://127.0.0.1:${port}`, close };
    },
  ]),
];

/** Connections that break once the request was written. */
const broken: [string, Reaction][] = [
  ['reset before the post is accepted', ({ socket }) => socket.resetAndDestroy()],
  ['closed before the post is accepted', ({ socket }) => socket.end()],
  ['reset after the post was accepted', ({ socket, forward }) => forward().then(() => socket.resetAndDestroy())],
  [
    'broken in the middle of the answer',
    async ({ response, socket, forward }) => {
      const { status, headers, body } = await forward();
      response.writeHead(status, { ...headers, 'content-length': body.length });
      response.write(body.subarray(0, body.length >> 1), () => socket.destroy());
    },
  ],
  [
    'broken in the middle of a chunked answer',
    async ({ response, socket, forward }) => {
      const { status, headers, body } = await forward();
      response.writeHead(status, headers);
      response.write(body.subarray(0, body.length >> 1), () => socket.destroy());
    },
  ],
  ['no HTTP at all', ({ socket }) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
];

const drip =
  (status: number): Reaction =>
  ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '.repeat(64)), 20);
    response.on('close', () => clearInterval(timer));
  };

/** Servers that let a client wait for ever. */
const endless: [string, Reaction][] = [
  ['no answer', () => {}],
  ['no answer, though the post was accepted', ({ forward }) => forward()],
  ['a drip of a good answer', drip(200)],
  ['a drip of an error', drip(502)],
  ['a head without a body', ({ response }) => response.writeHead(200, { 'content-length': 100 }).flushHeaders()],
];

async function endsInTime(stage: Stage, name: string, request: SendRequest): Promise<void> {
  const opened = performance.now();
  const { failure } = await stage.failure(request, { signal: AbortSignal.timeout(deadlineMs) });
  const took = Math.round(performance.now() - opened);
  assert.equal(failure, 'unconfirmed', name);
  assert(took < deadlineMs + 1_500, `${name}: took ${took} ms of ${deadlineMs}`);
  await closed(stage, 1_500, `${name}: the socket is still open`);
}

/** Resolves once every connection is closed. */
async function closed({ gateway }: Stage, withinMs: number, complaint: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: complaint })), withinMs);
  });
  // Not events.once: a connection that is reset says so before it closes.
  const all = [...gateway.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  await Promise.race([Promise.all(all), late]).finally(() => clearTimeout(timer));
}

export const networkChecks: Check[] = [
  {
    name: 'what fails before the request is written was not posted',
    async run(subject) {
      for (const [name, open] of unreachable) {
        const { root, close } = await open();
        const work = async (stage: Stage) => {
          const error = await stage.failure(await stage.request(), { signal: AbortSignal.timeout(1_000) });
          assert.equal(error.failure, 'unavailable', `${name}: ${error.message}`);
        };
        await onStage(subject, work, { root: () => root }).finally(close);
      }
    },
  },
  {
    name: 'a connection that breaks after writing leaves the post unconfirmed',
    async run(subject) {
      for (const [name, reaction] of broken) {
        for (const pictured of [false, true]) {
          await onStage(subject, async (stage) => {
            const request = await stage.request(pictured ? { images } : {});
            const before = stage.gateway.requests.length;
            stage.gateway.react(reaction);
            const sentAt = performance.now();
            assert.equal((await stage.failure(request)).failure, 'unconfirmed', name);
            assert(performance.now() - sentAt < 2_000, `${name}: noticed only at the deadline`);
            assert.equal(stage.gateway.requests.length - before, 1, `${name}: sent again`);
          });
        }
      }
    },
  },
  {
    name: 'a reset on a connection that was used before leaves the post unconfirmed, and is not sent again',
    run: (subject) =>
      onStage(subject, async (stage) => {
        await stage.send(await stage.request());
        const request = await stage.request();
        const before = stage.gateway.requests.length;
        stage.gateway.react(({ socket }) => socket.resetAndDestroy());
        assert.equal((await stage.failure(request)).failure, 'unconfirmed');
        assert.equal(stage.gateway.requests.length - before, 1, 'sent again');
      }),
  },
  {
    name: 'a deadline ends the wait, and the connection with it',
    async run(subject) {
      const cases = endless.flatMap(([name, reaction]) =>
        [true, false].map((pictured) => ({ name, reaction, pictured })),
      );
      await Promise.all(
        cases.map(({ name, reaction, pictured }) =>
          onStage(subject, async (stage) => {
            const request = await stage.request(pictured ? { images } : {});
            stage.gateway.react(reaction);
            await endsInTime(stage, name, request);
          }),
        ),
      );
    },
  },
  {
    name: 'a late answer within the deadline is an answer',
    run: (subject) =>
      onStage(subject, async (stage) => {
        stage.gateway.react(async ({ response, forward }) => {
          const answer = await forward();
          setTimeout(() => reply(response, answer), 300);
        });
        await stage.send(await stage.request());
      }),
  },
  {
    name: 'a server that closes each connection after its answer is fine',
    run: (subject) =>
      onStage(subject, async (stage) => {
        stage.gateway.react(async ({ response, forward }) => {
          const answer = await forward();
          reply(response, { ...answer, headers: { ...answer.headers, connection: 'close' } });
        });
        for (let sent = 0; sent < 5; sent += 1) await stage.send(await stage.request());
        assert.equal(stage.simulation.shown().length, 5);
      }),
  },
  {
    name: 'a connection that the server closed while idle is not used again',
    run: (subject) =>
      onStage(subject, async (stage) => {
        stage.gateway.react(async ({ response, socket, forward }) => {
          reply(response, await forward());
          setTimeout(() => socket.end(), 30);
        });
        for (let sent = 0; sent < 3; sent += 1) {
          await stage.send(await stage.request());
          await closed(stage, 2_000, 'the client keeps a connection that the server closed');
        }
        assert.equal(stage.simulation.shown().length, 3);
      }),
  },
  {
    name: 'every request has a connection of its own, which is closed after it',
    run: (subject) =>
      onStage(subject, async (stage) => {
        const before = stage.gateway.connections();
        for (let sent = 1; sent <= 5; sent += 1) {
          await stage.send(await stage.request());
          assert.equal(stage.gateway.connections() - before, sent);
        }
        await closed(stage, 1_000, 'a connection is kept for more than a second');
      }),
  },
];
