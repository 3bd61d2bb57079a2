import { setTimeout as delay } from 'node:timers/promises';

/** One request at a time to each host, with a pause after it. */
export interface Polite {
  /** Runs `work` when its host is free. */
  at<T>(url: string, work: () => Promise<T>, pauseMs?: number): Promise<T>;
}

export function createPolite(): Polite {
  const lines = new Map<string, Promise<void>>();
  return {
    at(url, work, pauseMs = 0) {
      const host = URL.parse(url)?.host ?? '';
      const before = lines.get(host) ?? Promise.resolve();
      const done = before.then(work);
      const line = done
        .then(
          () => undefined,
          () => undefined,
        )
        .then(() => (pauseMs > 0 ? delay(pauseMs, undefined, { ref: false }) : undefined));
      lines.set(host, line);
      void line.then(() => {
        if (lines.get(host) === line) lines.delete(host);
      });
      return done;
    },
  };
}
