import type { Runtime } from './open.ts';

/** A stop may take this long in all; then the process ends as it is (the next start finds what is open). */
const stopMs = 29_000;

/** One stop can arrive several times: Ctrl-C goes to every process of a terminal, and launchers pass it on. */
const echoMs = 1_000;

/**
 * Runs until SIGTERM or SIGINT, then closes the runtime within the deadline. A second signal, a second later or more,
 * ends at once. Resolves to the exit code.
 */
export function untilStopped(runtime: Runtime): Promise<number> {
  return new Promise((resolve) => {
    let since: number | undefined;
    const stop = (signal: NodeJS.Signals) => {
      if (since !== undefined) {
        if (performance.now() - since >= echoMs) process.exit(1);
        return;
      }
      since = performance.now();
      runtime.log.info({ signal }, 'stopping: no new posts, waiting for those under way');
      const deadline = setTimeout(() => {
        runtime.log.error('not everything stopped in time; what was under way will be found by the next start');
        process.exit(1);
      }, stopMs);
      runtime.close().then(
        () => {
          clearTimeout(deadline);
          resolve(0);
        },
        (error: Error) => {
          runtime.log.error({ error: error.message }, 'stopping failed');
          resolve(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
