import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root as project, type Running, start } from '../../support/command.ts';
import { createPatience, type Patience } from './patience.ts';

/** A folder for one run and every process in it: all gone at the end of this process, however it ends. */
export interface Household {
  folder: string;
  write(name: string, text: string): Promise<string>;
  /**
   * Runs a command of the tree under test; `clockShiftMs` sets its clock wrong. Waiting for it to be ready, or to stop, fails
   * where that takes too long.
   */
  run(args: string[], options?: { tree?: string; clockShiftMs?: number }): Running;
  /** The Redis that the service started. */
  redis(): { pid: number; url: string };
  /** Waits with a deadline; what is said where it passes begins with the processes. */
  wait: Patience;
  /** Adds to what is said then. */
  tellAlso(lines: () => string[]): void;
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
  const children = new Map<ChildProcess, { name: string; said(): string }>();
  const redisFile = join(folder, 'data/redis/run.json');
  const redis = () => JSON.parse(readFileSync(redisFile, 'utf8')) as { pid: number; url: string };

  const others: (() => string[])[] = [];
  const processes = () => [...children].map(([child, about]) => describe(child, about));
  const wait = createPatience(() => [...processes(), ...others.flatMap((lines) => lines())]);

  function endAll(): void {
    for (const child of children.keys()) child.kill('SIGKILL');
    for (const pid of serversIn(join(folder, 'data/redis'))) end(pid);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  const leave = () => {
    process.stderr.write(`${wait.open()}\n`);
    process.exit(130);
  };
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
        // What is kept of a tree that is gone tomorrow goes with it.
        env: {
          ...credentials,
          ...shift,
          ...(other === project ? {} : { NODE_COMPILE_CACHE: join(folder, 'compiled') }),
        },
        file: join(other, 'src/cli/main.ts'),
      });
      const name = `${args.slice(0, 2).join(' ')} … ${args.at(-1)?.replace(`${folder}/`, '')} (${running.pid})`;
      children.set(running.child, { name, said: running.said });
      void running.ended.then(() => children.delete(running.child));
      return {
        ...running,
        ready: <T>() => wait(`${name} to be ready`, running.ready<T>()),
        stop: (signal) => wait(`${name} to end by ${signal ?? 'SIGTERM'}`, running.stop(signal)),
      };
    },
    redis,
    wait,
    tellAlso: (lines) => void others.push(lines),
    async close() {
      process.off('exit', endAll);
      for (const signal of signals) process.off(signal, leave);
      const ending = [...children.keys()].map((child) => new Promise((resolve) => child.once('close', resolve)));
      endAll();
      await wait('all processes to end by SIGKILL', Promise.all(ending));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** One that has ended meanwhile is no matter. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A line about a process: by the letter of the system, such as S where it sleeps and T where it is stopped. */
function describe(
  { pid, exitCode, signalCode }: ChildProcess,
  { name, said }: { name: string; said(): string },
): string {
  const ended = exitCode ?? signalCode;
  const state = ended === null ? stateOf(pid) : `ended with ${ended}`;
  return `${name}: ${state}; its last words: ${JSON.stringify(said().slice(-300))}`;
}

function stateOf(pid: number | undefined): string {
  try {
    return /^State:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
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
