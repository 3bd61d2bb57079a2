import http from 'node:http';
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Telegram } from 'telegraf';
import { TwitterApi } from 'twitter-api-v2';
import { Agent } from 'undici';

/** Posts one ready-made text, as a user's own script would: the platform's client, keep-alive, nothing else. */
export type Post = (target: string, text: string) => Promise<unknown>;

/** The same client that Munadi uses, without Munadi. */
export function openPost(platform: string, root: string): { post: Post; close(): void } {
  const agent = new http.Agent({ keepAlive: true });
  const pool = new Agent();
  const close = () => {
    agent.destroy();
    void pool.destroy();
  };
  const graph = async (path: string, body: string, type: string) => {
    const answer = await pool.request({
      origin: root,
      path,
      method: 'POST',
      headers: { authorization: 'Bearer bench', 'content-type': type },
      body,
    });
    return answer.body.json();
  };
  switch (platform) {
    case 'telegram': {
      const telegram = new Telegram('1:bench', { apiRoot: root });
      (telegram.options as { agent?: unknown }).agent = agent;
      return { close, post: (chat, text) => telegram.sendMessage(chat, text, { parse_mode: 'HTML' }) };
    }
    case 'x': {
      const client = new TwitterApi(
        { appKey: 'k', appSecret: 's', accessToken: '1-bench', accessSecret: 's' },
        {
          httpAgent: agent,
          plugins: [
            {
              onBeforeRequestConfig: ({ params }) => {
                params.url = params.url.replace('https://api.x.com', root);
                params.forceBodyMode = 'json';
              },
            },
          ],
        },
      );
      return { close, post: (_target, text) => client.v2.tweet(text) };
    }
    case 'whatsapp':
      return {
        close,
        post: (to, text) => {
          const parameters = [
            { type: 'text', text: 'عنوان' },
            { type: 'text', text },
          ];
          const template = { name: 'news', language: { code: 'ar' }, components: [{ type: 'body', parameters }] };
          return graph(
            '/v26.0/1/messages',
            JSON.stringify({ messaging_product: 'whatsapp', to, type: 'template', template }),
            'application/json',
          );
        },
      };
    case 'facebook':
      return {
        close,
        post: (_target, message) =>
          graph('/v26.0/1/feed', new URLSearchParams({ message }).toString(), 'application/x-www-form-urlencoded'),
      };
    default:
      throw new Error(`no baseline for ${platform}`);
  }
}

export interface BareJob {
  delivery: string;
  article: string;
  version: number;
  channel: string;
  platform: string;
  priority: number;
  due: number;
}

/** Jobs per second of a plain BullMQ worker; the queue is filled before the clock starts. */
export async function runBare(
  redisUrl: string,
  {
    name,
    jobs,
    concurrency,
    handle,
  }: { name: string; jobs: number; concurrency: number; handle: (job: Job<BareJob>) => Promise<unknown> },
): Promise<number> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue<BareJob>(name, {
    connection: redis,
    prefix: 'bare',
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  for (let at = 0; at < jobs; at += 1000) {
    await queue.addBulk(
      Array.from({ length: Math.min(1000, jobs - at) }, (_, index) => {
        const delivery = `d${at + index}`;
        const data = {
          delivery,
          article: 'a',
          version: 1,
          channel: `c${(at + index) % 100}`,
          platform: name,
          priority: 10,
          due: Date.now(),
        };
        return { name: 'deliver', data, opts: { jobId: delivery, priority: 10 } };
      }),
    );
  }
  let done = 0;
  const started = performance.now();
  const seconds = await new Promise<number>((resolve, reject) => {
    const worker = new Worker<BareJob>(name, handle, {
      connection: redis,
      prefix: 'bare',
      concurrency,
      removeOnComplete: { count: 0 },
    });
    worker.on('completed', () => {
      done += 1;
      if (done < jobs) return;
      const seconds = (performance.now() - started) / 1000;
      void worker.close().then(() => resolve(seconds));
    });
    worker.on('failed', (_job, error) => reject(error));
  });
  await queue.obliterate({ force: true });
  await queue.close();
  redis.disconnect();
  return jobs / seconds;
}
