import { createHmac } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** Where webhooks go, and what they are signed with. */
export interface Receiver {
  url: string;
  appSecret: string;
}

/** Posts bodies to a receiver, signed over the raw bytes as Meta does, on connections that are kept. */
export interface WebhookPoster {
  /** Whether it was taken (2xx), and in how many ms; undefined where there was no answer. Never rejects. */
  post(body: string, receiver: Receiver): Promise<{ taken: boolean; ms: number } | undefined>;
  /** Breaks off what is under way. */
  drop(): void;
}

const answerWithinMs = 10_000;
const options = { keepAlive: true, keepAliveMsecs: 10_000 };

export function createWebhookPoster(): WebhookPoster {
  let agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };

  const once = (body: string, { url, appSecret }: Receiver) =>
    new Promise<{ taken: boolean; ms: number } | undefined | 'stale'>((resolve) => {
      const since = performance.now();
      const signature = createHmac('sha256', appSecret).update(body).digest('hex');
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-hub-signature-256': `sha256=${signature}`,
      };
      const isHttps = url.startsWith('https:');
      const [ask, agent] = isHttps ? ([httpsRequest, agents.https] as const) : ([httpRequest, agents.http] as const);
      const request = ask(url, { method: 'POST', agent, headers, timeout: answerWithinMs }, (answer) => {
        const { statusCode = 0 } = answer;
        answer.resume();
        answer.once('close', () =>
          resolve(
            answer.complete
              ? { taken: statusCode >= 200 && statusCode < 300, ms: performance.now() - since }
              : undefined,
          ),
        );
      });
      request.once('timeout', () => request.destroy());
      request.once('error', ({ code }: NodeJS.ErrnoException) =>
        resolve(request.reusedSocket && code === 'ECONNRESET' ? 'stale' : undefined),
      );
      request.end(body);
    });

  return {
    async post(body, receiver) {
      // The receiver may have closed a kept connection at that moment.
      const first = await once(body, receiver);
      const answer = first === 'stale' ? await once(body, receiver) : first;
      return answer === 'stale' ? undefined : answer;
    },
    drop() {
      agents.http.destroy();
      agents.https.destroy();
      agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
    },
  };
}
