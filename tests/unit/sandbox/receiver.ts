import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Status {
  id: string;
  status: string;
  recipient_id?: string;
  recipient_user_id?: string;
  biz_opaque_callback_data?: string;
  errors?: { code: number }[];
}

/** A webhook's change, as it came. */
export interface Change {
  field: string;
  value: { statuses?: Status[]; metadata?: { phone_number_id: string } } & Record<string, unknown>;
  business: string;
  time?: number;
  signed: boolean;
  /** Which request it came with, from 0 on, and when. */
  request: number;
  at: number;
}

/** Takes webhooks, over HTTP. */
export interface Receiver {
  url: string;
  appSecret: string;
  changes: Change[];
  /** Statuses in the order in which they came. */
  statuses(): Status[];
  /** Answers of the next requests, then 200. */
  answerWith: number[];
  /** Connections that were opened. */
  connections: number;
  /** Resolves once `enough` says so. */
  until(enough: () => boolean): Promise<void>;
  clear(): void;
  close(): void;
}

export async function openReceiver(): Promise<Receiver> {
  const appSecret = 'app-secret';
  let requests = 0;
  let look = () => {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const signature = `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}`;
    const signed = signature === request.headers['x-hub-signature-256'];
    const { entry } = JSON.parse(raw.toString()) as { entry: { id: string; time?: number; changes: Change[] }[] };
    for (const { id: business, time, changes } of entry)
      for (const change of changes)
        receiver.changes.push({
          ...{ ...change, business, signed, request: requests, at: performance.now() },
          ...(time === undefined ? {} : { time }),
        });
    requests += 1;
    response.writeHead(receiver.answerWith.shift() ?? 200).end();
    look();
  });
  server.on('connection', () => {
    receiver.connections += 1;
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    appSecret,
    changes: [],
    statuses: () => receiver.changes.flatMap(({ value }) => value.statuses ?? []),
    answerWith: [],
    connections: 0,
    until: (enough) =>
      new Promise((resolve) => {
        look = () => (enough() ? resolve() : undefined);
        look();
      }),
    clear() {
      receiver.changes = [];
      receiver.answerWith = [];
      receiver.connections = 0;
      requests = 0;
      look = () => {};
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return receiver;
}
