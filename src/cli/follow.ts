import { type Delivery, finalStates } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import type { Runtime } from '../runtime/open.ts';
import { startRoles } from '../runtime/roles.ts';
import { listPresences } from '../store/presence.ts';

const graceMs = 5_000;
const away503 = { code: 'redis-unreachable', status: 503 };

/**
 * Follows deliveries until each is final, held, paused, or due after the deadline; runs workers in this process for
 * what no other process on this Redis works on. Resolves to the last state seen; `stop` ends it early. Throws
 * `InputError` (503) where Redis is away past the deadline.
 */
export async function follow(
  runtime: Runtime,
  ids: readonly string[],
  { timeoutMs, onChange, stop }: { timeoutMs: number; onChange?: (delivery: Delivery) => void; stop?: AbortSignal },
): Promise<Delivery[]> {
  const deadline = Date.now() + timeoutMs;
  const { prefix } = runtime.config.redis;
  const own = new Set<string>();
  let changed = false;
  let nudge = () => {};
  const events = runtime.connect();
  let overdue: NodeJS.Timeout | undefined;
  // While Redis is away, what is asked of it waits and does not come back.
  const away = new Promise<never>((_, reject) => {
    overdue = setTimeout(() => {
      reject(new InputError('Redis does not answer any more. What was accepted is posted once it is back.', away503));
    }, timeoutMs + graceMs);
  });
  const wakeUp = () => nudge();
  stop?.addEventListener('abort', wakeUp);
  try {
    return await Promise.race([watch(), away]);
  } finally {
    clearTimeout(overdue);
    stop?.removeEventListener('abort', wakeUp);
    events.disconnect();
  }

  async function watch(): Promise<Delivery[]> {
    events.on('message', () => {
      changed = true;
      nudge();
    });
    await events.subscribe(`${prefix}:events`);

    const seen = new Map<string, string>();
    for (;;) {
      changed = false;
      const deliveries = await runtime.deliveries.get(ids);
      const paused = await runtime.pauses.list();
      for (const delivery of deliveries) {
        const { list } = delivery;
        const state = `${delivery.state}${delivery.held}${list ? JSON.stringify([list.total, list.states, list.statuses]) : ''}`;
        if (seen.get(delivery.id) !== state) onChange?.(delivery);
        seen.set(delivery.id, state);
      }
      const open = deliveries.filter((delivery) => !isSettled(delivery));
      const isPaused = ({ channel, state, act }: Delivery) => {
        // What is being sent will be told, whatever rests by then.
        if (state === 'sending') return false;
        const account = runtime.config.channels.find(({ id }) => id === channel)?.account;
        return paused.some(({ kind, id }) =>
          kind === 'channel' ? id === channel && act !== 'retract' : id === account,
        );
      };
      const waiting = open.filter((delivery) => !isPaused(delivery) && Date.parse(delivery.dueAt) <= deadline);
      if (waiting.length === 0 || Date.now() >= deadline || stop?.aborted) return deliveries;

      const needed = ['articles', ...new Set(waiting.map(({ platform }) => platform))];
      const working = new Set((await listPresences(runtime.redis, prefix)).flatMap(({ roles }) => roles));
      const missing = needed.filter((role) => !working.has(role) && !own.has(role));
      if (missing.length > 0) {
        for (const role of missing) own.add(role);
        await startRoles(runtime, missing);
      }
      if (changed) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(500, Math.max(1, deadline - Date.now())));
        nudge = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function isSettled({ state, held }: Delivery): boolean {
  return finalStates.has(state) || (state === 'unconfirmed' && held);
}
