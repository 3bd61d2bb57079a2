import { type Logger, pino } from 'pino';
import { createScrub } from '../text/scrub.ts';

export type { Logger };

/**
 * Logs as JSON lines to standard error. Every secret value is cut out of the finished line, wherever it stands: in a
 * message, a stack or a URL.
 */
export function createLog(level: string, secrets: readonly string[]): Logger {
  const scrub = createScrub(secrets);
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => void process.stderr.write(scrub(line)) },
  );
}
