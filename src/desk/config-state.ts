import type { Redis } from 'ioredis';
import type { Presence } from '../store/presence.ts';
import { openPublishedConfigs } from '../store/published-config.ts';

/** Which configuration holds, and who does not work by it. */
export interface ConfigState {
  /** What the scheduler has published; null where none has yet, and each process goes by its own file. */
  version: string | null;
  /** Who published it, and when (ISO 8601). */
  by: string | null;
  at: string | null;
  /** Processes that refuse their own file, do not work by the version above, or whose file differs from it. */
  problems: ConfigTrouble[];
}

/** The same trouble of the processes of one host. */
export interface ConfigTrouble {
  host: string;
  pids: number[];
  file: string;
  /** `refused`: the file cannot be used. `behind`: the version that holds cannot. `differs`: the file says otherwise. */
  kind: keyof typeof words;
  /** What it is, with place and remedy where it is refused. */
  lines: string[];
}

export async function readConfigState(
  redis: Redis,
  prefix: string,
  processes: readonly Presence[],
): Promise<ConfigState> {
  const about = await openPublishedConfigs(redis, prefix).about();
  return {
    version: about?.version ?? null,
    by: about?.by ?? null,
    at: about?.at ?? null,
    problems: troubles(processes),
  };
}

function troubles(processes: readonly Presence[]): ConfigTrouble[] {
  const found = new Map<string, ConfigTrouble>();
  for (const { host, pid, config } of processes) {
    for (const kind of ['refused', 'behind', 'differs'] as const) {
      const lines = config?.[kind];
      if (!config || !lines) continue;
      const key = JSON.stringify([host, config.file, kind, lines]);
      const known = found.get(key) ?? { host, pids: [], file: config.file, kind, lines };
      if (!known.pids.includes(pid)) known.pids.push(pid);
      found.set(key, known);
    }
  }
  return [...found.values()];
}

const words = {
  refused: (who: string) => `the file of ${who} is refused`,
  behind: (who: string) => `${who} does not work by what holds`,
  differs: (who: string) => `the file of ${who} differs from what holds`,
};

/** The troubles for people, a line each. */
export function configLines({ problems }: ConfigState): string[] {
  return problems.flatMap(({ host, pids, kind, lines }) => {
    const who = `${host} (process ${pids.join(', ')})`;
    return lines.map((line) => `${words[kind](who)}: ${line}`);
  });
}
