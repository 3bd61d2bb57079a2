import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * Logs as JSON lines to standard error. Every secret value is cut out of the finished line, wherever it stands: in a
 * message, a stack or a URL.
 */
export function createLog(level: string, secrets: readonly string[]): Logger {
  const scrub = createScrubber(secrets);
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => void process.stderr.write(scrub(line)) },
  );
}

/** Replaces secret values, plain, URL-encoded and as JSON writes them, by `[secret]`. */
export function createScrubber(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  const values = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => values.reduce((rest, value) => rest.replaceAll(value, '[secret]'), text);
}
