import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, start } from '../../support/command.ts';

/** A folder for one run and every process in it: all gone at the end of this process, however it ends. */
export interface Household {
  folder: string;
  write(name: string, text: string): Promise<string>;
  /** Runs a command of the tree under test; `clockShiftMs` sets its clock wrong. */
  run(args: string[], options?: { tree?: string; clockShiftMs?: number }): Running;
  /** The Redis that the service started. */
  redis(): { pid: number; url: string };
  close(): Promise<void>;
}

/** Credentials of the sandbox's making; all that begins with the user's number is let in by X. */
export const credentials = {
  TG: '123456:proofproofproofproofproofproofproof',
  K: 'proof-key',
  S: 'proof-secret',
  X1: '71-proof-token',
  X2: '72-proof-token',
  WA: 'proof-wa-token',
  WS: 'proof-wa-app-secret',
  WV: 'proof-wa-verify',
  FB: 'proof-fb-token',
};

const clockFile = join(import.meta.dirname, 'shift-clock.mjs');

export async function openHousehold(tree: string): Promise<Household> {
  const folder = await mkdtemp(join(tmpdir(), 'munadi-faults-'));
  const children = new Set<ChildProcess>();
  const redisFile = join(folder, 'data/redis/run.json');
  const redis = () => JSON.parse(readFileSync(redisFile, 'utf8')) as { pid: number; url: string };

  function endAll(): void {
    for (const child of children) child.kill('SIGKILL');
    for (const pid of serversIn(join(folder, 'data/redis'))) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  const leave = () => process.exit(130);
  process.once('exit', endAll);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, leave);

  return {
    folder,
    async write(name, text) {
      const file = join(folder, name);
      await writeFile(file, text);
      return file;
    },
    run(args, { tree: other = tree, clockShiftMs = 0 } = {}) {
      const shift =
        clockShiftMs === 0 ? {} : { NODE_OPTIONS: `--import ${clockFile}`, CLOCK_SHIFT_MS: `${clockShiftMs}` };
      const running = start(args, {
        cwd: folder,
        // Processes start often here: what is compiled once serves them all.
        env: { ...credentials, ...shift, NODE_COMPILE_CACHE: join(folder, 'compiled') },
        file: join(other, 'src/cli/main.ts'),
      });
      children.add(running.child);
      void running.ended.then(() => children.delete(running.child));
      return running;
    },
    redis,
    async close() {
      process.off('exit', endAll);
      for (const signal of signals) process.off(signal, leave);
      const ending = [...children].map((child) => new Promise((resolve) => child.once('close', resolve)));
      endAll();
      await Promise.all(ending);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Processes that work in a folder: a Redis that was just started is in no file yet. Where there is no /proc, none. */
function serversIn(folder: string): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => workingFolder(pid) === folder)
      .map(Number);
  } catch {
    return [];
  }
}

function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
