import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * Logs as JSON lines to standard error. `scrub` cuts every secret value out of the finished line, wherever it stands:
 * in a message, a stack or a URL.
 */
export function createLog(level: string, scrub: (line: string) => string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => void process.stderr.write(scrub(line)) },
  );
}
