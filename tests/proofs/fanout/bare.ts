// The bare worker: posts the same requests as a worker does, and does nothing else.
// Arguments: address of the messages, how many, how many at once, a body whose number and id are replaced.
import { Agent, request } from 'undici';

const [url = '', count = '0', atOnce = '50', body = '', from = '0'] = process.argv.slice(2);
const agent = new Agent({ connections: Number(atOnce), pipelining: 1 });
const headers = { 'content-type': 'application/json', authorization: 'Bearer proof-wa-token' };
let next = 0;

async function run(): Promise<void> {
  while (next < Number(count)) {
    const one = Number(from) + next;
    next += 1;
    const filled = body
      .replace('NUMBER', String(970_000_000_000 + one))
      .replace('DELIVERY', `d${'0'.repeat(24)}.0.${one}`);
    const answer = await request(url, { method: 'POST', headers, body: filled, dispatcher: agent });
    const { messages } = (await answer.body.json()) as { messages?: { id: string }[] };
    if (!messages?.[0]?.id) throw new Error(`HTTP ${answer.statusCode}`);
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, run));
await agent.close();
