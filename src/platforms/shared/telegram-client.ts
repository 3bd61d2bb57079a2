import { UnconfirmedError } from '../../core/errors.ts';
import { lazyPackage } from '../../core/lazy-package.ts';
import { createScrub } from '../../text/scrub.ts';
import { createAgent } from './agent.ts';
import { aboutToWrite, type CallState, calls, isSuccess } from './call.ts';
import { networkFailure } from './failures.ts';
import { telegramFailure } from './telegram-errors.ts';

const telegraf = lazyPackage<typeof import('telegraf')>('telegraf');

export interface TelegramClient {
  /** One call of the Bot API: its result, or a `PublishError`. */
  callApi(method: string, payload: Record<string, unknown>, call: CallState): Promise<unknown>;
  close(): Promise<void>;
}

/** telegraf, under the deadline of each call, and never redirected. `root` has no closing slash. */
export function createTelegramClient(root: string, token: string): TelegramClient {
  const scrub = createScrub([token]);
  const agent = createAgent(root);
  // The closing slash keeps a path prefix.
  const client = new (telegraf().Telegram)(token, { apiRoot: `${root}/` });
  // telegraf drops the agent of an http: root, and node-fetch asks this function at each hop: the last hook before a
  // request is written, and the place to refuse a redirect.
  const options = client.options as { agent?: unknown };
  options.agent = () => {
    const call = calls.getStore();
    if (call) aboutToWrite(call);
    return agent;
  };

  async function callApi(method: string, payload: Record<string, unknown>, call: CallState): Promise<unknown> {
    // Its own signal, as telegraf leaves an answer that it does not read on the socket.
    const ending = new AbortController();
    const end = () => ending.abort();
    let broken: Error | undefined;
    call.onBroken = () => {
      broken = Object.assign(new Error('the connection broke in the middle of the answer'), { code: 'ECONNRESET' });
      end();
    };
    if (call.signal.aborted) end();
    call.signal.addEventListener('abort', end, { once: true });
    try {
      const result = await client.callApi(method as 'getMe', payload as never, { signal: ending.signal } as never);
      if (isSuccess(call)) return result;
      throw new UnconfirmedError('Telegram answered something that cannot be read.', { code: 'unreadable' });
    } catch (error) {
      end();
      throw (
        telegramFailure(error, call.status, scrub) ??
        networkFailure(broken ?? error, { platform: 'Telegram', call, scrub })
      );
    } finally {
      call.signal.removeEventListener('abort', end);
    }
  }

  return {
    callApi,
    async close() {
      agent.destroy();
    },
  };
}
