import type { ConfigReport } from '../store/presence.ts';
import type { Logger } from './log.ts';

/** What can be wrong: with the file, with what it would change here, with what is agreed on. */
export type Refusal = 'file' | 'change' | 'agreed';

/** What a process says of its configuration, in the log and to others. */
export interface ConfigTeller {
  /** Says why something does not hold, a line each; none: it is good. Once for the same lines. */
  refuse(what: Refusal, lines: readonly string[]): void;
  isRefused(what: Refusal): boolean;
  /** Says how the own file differs from the version that holds, once it has for a while; none: it does not. */
  differ(version: string, lines: readonly string[]): void;
  /** The version that this process works by. */
  works(version: string): void;
  read(): ConfigReport;
  /** Told when there is something else to read. */
  onChange(listener: () => void): void;
}

/** A file that is saved on several machines differs for a moment. */
const patienceMs = 2_500;
const mostLines = 20;

const words: Record<Refusal, string> = {
  file: 'the configuration file is refused; nothing changes',
  change: 'the configuration file is refused; nothing changes',
  agreed: 'the configuration that is agreed on cannot be taken up here; nothing changes',
};

/**
 * `shown`: the file as a person would write it. `isPatient`: whether a difference may pass by itself. `alarm` is told why
 * something is refused, and of nothing when all is good again.
 */
export function createConfigTeller({
  log,
  file,
  shown,
  isPatient,
  alarm,
}: {
  log: Logger;
  file: string;
  shown: string;
  isPatient: () => boolean;
  alarm: (reason: string | undefined) => void;
}): ConfigTeller {
  const refused: Record<Refusal, string[]> = { file: [], change: [], agreed: [] };
  const listeners: (() => void)[] = [];
  let version = '';
  let since: number | undefined;
  let differs: string[] = [];
  const tell = () => {
    for (const listener of listeners) listener();
  };

  return {
    refuse(what, lines) {
      const before = refused[what];
      if (lines.join() === before.join()) return;
      refused[what] = lines.slice(0, mostLines);
      if (lines.length > 0) log.error({ kind: 'config-refused', file: shown, problems: lines }, words[what]);
      else log.info({ file: shown }, 'the configuration is good again');
      alarm(Object.values(refused).flat()[0]);
      tell();
    },
    isRefused: (what) => refused[what].length > 0,
    differ(agreed, lines) {
      since = lines.length === 0 ? undefined : (since ?? performance.now());
      const isTold = since !== undefined && (!isPatient() || performance.now() - since >= patienceMs);
      const now = isTold ? lines.slice(0, mostLines) : [];
      if (now.join() === differs.join()) return;
      differs = now;
      const about = { file: shown, version: agreed, differs };
      if (now.length > 0) log.warn(about, 'the file of this process differs from the configuration that holds');
      tell();
    },
    works(its) {
      if (its === version) return;
      version = its;
      tell();
    },
    read() {
      const own = [...refused.file, ...refused.change];
      return {
        version,
        file,
        ...(own.length === 0 ? {} : { refused: own }),
        ...(refused.agreed.length === 0 ? {} : { behind: refused.agreed }),
        ...(differs.length === 0 ? {} : { differs }),
      };
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
