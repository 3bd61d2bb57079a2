import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** An answer as the simulated platform gave it. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** One request that came through, and what can be done with it. */
export interface Turn {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
  /** Lets the platform handle it; resolves to its answer, which is not passed on. */
  forward(): Promise<Answer>;
}

export type Reaction = (turn: Turn) => unknown;

/** Stands between a client and a simulated platform: counts all that comes, and can answer in its place. */
export interface Gateway {
  root: string;
  /** Requests so far: method and path. */
  requests: string[];
  /** Connections so far, and those that are open. */
  connections(): number;
  sockets: ReadonlySet<Socket>;
  /** From now on; undefined: pass everything on. */
  react(reaction: Reaction | undefined): void;
  close(): Promise<void>;
}

/** Passes requests on to `upstream`. With `prefix`, only those whose path begins with it, without it. */
export async function startGateway(upstream: string, { prefix = '' } = {}): Promise<Gateway> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;
  let reaction: Reaction | undefined;

  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const path = request.url ?? '';
    requests.push(`${request.method} ${path}`);
    const body = await read(request).catch(() => undefined);
    if (!body) return;
    if (!path.startsWith(`${prefix}/`)) return void response.writeHead(404).end();
    const target = upstream + path.slice(prefix.length);
    const forward = () => pass(target, request, body);
    try {
      if (reaction) await reaction({ request, response, socket: request.socket, forward });
      else reply(response, await forward());
    } catch {
      // The platform went away, as a check ended.
      request.socket.destroy();
    }
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    root: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    requests,
    connections: () => connections,
    sockets,
    react: (next) => {
      reaction = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pass(target: string, { method, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  const { host: _, connection: __, 'transfer-encoding': ___, ...rest } = headers;
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...rest, 'content-length': body.length }, agent: false };
    const upstream = ask(target, options as object, (answer) => {
      const kept = Object.entries(answer.headers).filter(([name]) => name === 'content-type' || name.startsWith('x-'));
      const headers = Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
      read(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers, body }), reject);
    });
    upstream.on('error', reject).end(body);
  });
}
