import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { type Sandbox, type SandboxPost, startSandbox } from '../../../src/sandbox/index.ts';

/** What a simulated platform said. */
export interface Answer {
  status: number;
  headers: Headers;
  // Tests read answers as a client would, by name.
  json: Record<string, never> & Record<string, unknown>;
}

export type Fields = Record<string, unknown>;

/** One sandbox for a test file, asked over HTTP only. */
export interface Asked {
  sandbox: Sandbox;
  root(platform: string): string;
  call(platform: string, method: string, path: string, options?: CallOptions): Promise<Answer>;
  posts(platform: string): Promise<SandboxPost[]>;
  faults(platform: string, plan: unknown): Promise<Answer>;
  settings(platform: string, settings: unknown): Promise<Answer>;
  resetAll(): Promise<void>;
}

export interface CallOptions {
  json?: unknown;
  form?: FormData;
  body?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export async function openSandbox(recordDir?: string, limits = false): Promise<Asked> {
  const sandbox = await startSandbox({ limits, ...(recordDir === undefined ? {} : { recordDir }) });
  const root = (platform: string) => sandbox.roots[platform] ?? '';
  async function call(
    platform: string,
    method: string,
    path: string,
    { json, form, body, headers, signal }: CallOptions = {},
  ): Promise<Answer> {
    const sent = json === undefined ? (form ?? body) : JSON.stringify(json);
    const answer = await fetch(root(platform) + path, {
      method,
      headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(sent === undefined ? {} : { body: sent }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: JSON.parse(text) };
  }
  return {
    sandbox,
    root,
    call,
    async posts(platform) {
      const answer = await fetch(`${root(platform)}/_sandbox/posts`);
      return (await answer.json()) as SandboxPost[];
    },
    faults: (platform, plan) => call(platform, 'PUT', '/_sandbox/faults', { json: plan }),
    settings: (platform, settings) => call(platform, 'PUT', '/_sandbox/settings', { json: settings }),
    async resetAll() {
      for (const platform of Object.keys(sandbox.roots)) await call(platform, 'DELETE', '/_sandbox');
    },
  };
}

/** Sends bytes as they are, and gives back what came until the other side closed. */
export function sendRaw(root: string, bytes: Buffer | string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(root);
    const socket: Socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : reject(error)));
    socket.on('close', () => resolve(received));
    socket.write(bytes);
  });
}

/** A picture of one pixel's worth of bytes that says it has this size. */
export function png(width = 640, height = 360, seed = 0): Buffer {
  const bytes = Buffer.alloc(64, seed);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(bytes);
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

/** One UTF-16 unit, half of a pair no rarer than the rest. */
export const anyUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));

/** A form with text fields and files, by the platform's own names. */
export function formOf(fields: Record<string, string>, files: Record<string, Buffer> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  for (const [name, bytes] of Object.entries(files)) {
    form.set(name, new Blob([new Uint8Array(bytes)], { type: 'image/png' }), `${name}.png`);
  }
  return form;
}

/** The same as bytes, written by hand. */
export function multipart(fields: Record<string, string>, files: Record<string, Buffer> = {}, boundary = 'mark') {
  const part = (head: string, content: Buffer | string) => [
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ];
  const parts = [
    ...Object.entries(fields).map(([name, value]) => part(`name="${name}"`, value)),
    ...Object.entries(files).map(([name, bytes]) => part(`name="${name}"; filename="${name}.png"`, bytes)),
    [Buffer.from(`--${boundary}--\r\n`)],
  ];
  return {
    body: new Uint8Array(Buffer.concat(parts.flat())),
    headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
  };
}
