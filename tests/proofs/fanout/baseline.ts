import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Site } from './site.ts';
import { setWebhook, untilTold } from './statuses.ts';

/**
 * How many messages a second bare workers get through to the same sandbox, with the same body and as many processes, while
 * a bare receiver takes the statuses.
 */
export async function bareRate(
  site: Site,
  { processes, messages, body }: { processes: number; messages: number; body: string },
): Promise<number> {
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString('utf8'));
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await setWebhook(site, `http://127.0.0.1:${port}/`);
  const began = performance.now();
  const share = Math.ceil(messages / processes);
  try {
    await Promise.all(
      Array.from({ length: processes }, (_, index) => runBare(site.sandbox.root, share, body, index * share)),
    );
    const seconds = (performance.now() - began) / 1000;
    await untilTold(site);
    return (share * processes) / seconds;
  } finally {
    receiver.close();
    receiver.closeAllConnections();
  }
}

function runBare(root: string, count: number, body: string, from: number): Promise<void> {
  const file = join(import.meta.dirname, 'bare.ts');
  const args = [`${root}/v26.0/1/messages`, String(count), '50', body, String(from)];
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A bare worker ended with ${code}.`))));
  });
}
