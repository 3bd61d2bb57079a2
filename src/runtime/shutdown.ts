import { closeSync, openSync } from 'node:fs';
import type { Runtime } from './open.ts';

/** A stop may take this long in all; then the process ends as it is (the next start finds what is open). */
const stopMs = 29_000;

/** One stop can arrive several times: Ctrl-C goes to every process of a terminal, and launchers pass it on. */
const echoMs = 1_000;

/**
 * Fires with the first SIGTERM, SIGINT or SIGHUP. A second one, a second later or more, ends the process at once. With
 * `onHangUp`, a SIGHUP stops nothing and is told there, unless the terminal that this process was started in is closed.
 */
export function listenForStop({ onHangUp }: { onHangUp?: () => void } = {}): AbortSignal {
  const stop = new AbortController();
  const hadTerminal = onHangUp !== undefined && hasTerminal();
  let since: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP' && onHangUp && process.platform !== 'win32' && (!hadTerminal || hasTerminal())) {
      onHangUp();
      return;
    }
    if (since !== undefined) {
      if (performance.now() - since >= echoMs) process.exit(1);
      return;
    }
    since = performance.now();
    stop.abort(signal);
  };
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, onSignal);
  return stop.signal;
}

/** Whether this process belongs to a terminal that is open. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/** Resolves once the signal has fired. */
export function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Ends the process, after `onLate`, where a stop takes too long: also one that comes while the start waits for Redis. */
export function endInTime(stop: AbortSignal, onLate: () => void, mostMs = stopMs): void {
  const end = () => {
    onLate();
    process.exit(1);
  };
  stop.addEventListener('abort', () => setTimeout(end, mostMs).unref(), { once: true });
}

/** Waits for `stop`, then closes the runtime. Resolves to the exit code. */
export async function untilStopped(runtime: Runtime, stop: AbortSignal): Promise<number> {
  await fired(stop);
  runtime.log.info({ signal: stop.reason }, 'stopping: no new posts, waiting for those under way');
  try {
    await runtime.close();
    return 0;
  } catch (error) {
    runtime.log.error({ error: (error as Error).message }, 'stopping failed');
    return 1;
  }
}
