import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';

export const root = resolve(import.meta.dirname, '../..');
const main = join(root, 'src/cli/main.ts');
/** As the launchers have it. */
const compileCache = join(root, 'node_modules/.cache/munadi');

/** A process that has ended, with all it said. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A process that runs, and what it has said so far. */
export interface Running {
  child: ChildProcess;
  pid: number;
  /** The first line on standard output, as JSON. Fails with what it said where the process ends before. */
  ready<T = Record<string, unknown>>(): Promise<T>;
  /** Resolves when standard output and error together hold what is looked for. */
  says(what: string | RegExp): Promise<void>;
  /** All it has said so far, standard output first. */
  said(): string;
  ended: Promise<Ended>;
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string>;
  input?: string | Buffer;
  /** File to run instead of the command line's own. */
  file?: string;
}

/** Nothing of the machine's own settings reaches a command under test. */
function environment(env: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: tmpdir(), LANG: 'C.UTF-8', NODE_COMPILE_CACHE: compileCache, ...env };
}

/** Starts a Munadi command as a process. */
export function start(args: string[], { cwd = tmpdir(), env, input, file = main }: CommandOptions = {}): Running {
  const child = spawn(process.execPath, [file, ...args], { cwd, env: environment(env), stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  let over = false;
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const look of [...waiting]) look();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    tell();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    tell();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const ended = once(child, 'close').then(([code, signal]) => {
    over = true;
    tell();
    return { code, signal, stdout, stderr } as Ended;
  });

  const until = <T>(find: () => T | undefined) =>
    new Promise<T>((done, fail) => {
      const look = () => {
        const found = find();
        if (found === undefined && !over) return;
        waiting.delete(look);
        if (found === undefined) fail(new Error(`munadi ${args.join(' ')} ended first. It said:\n${stdout}${stderr}`));
        else done(found);
      };
      waiting.add(look);
      look();
    });

  return {
    child,
    pid: child.pid as number,
    ready: async <T>() => JSON.parse(await until(() => /^(.*)\n/.exec(stdout)?.[1])) as T,
    async says(what) {
      await until(() => (new RegExp(what).test(stdout + stderr) ? true : undefined));
    },
    said: () => stdout + stderr,
    ended,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs a Munadi command to its end. */
export function run(args: string[], options: CommandOptions = {}): Promise<Ended> {
  return start(args, options).ended;
}

/** What a command printed: exactly one JSON document. */
export function json<T>({ stdout, stderr }: Pick<Ended, 'stdout' | 'stderr'>): T {
  try {
    return JSON.parse(stdout) as T;
  } catch {
    throw new Error(`not one JSON document:\n${stdout}\n${stderr}`);
  }
}

/** A folder of its own for one test file, gone with `remove`. */
export async function createFolder(): Promise<{
  path: string;
  write(name: string, text: string): Promise<string>;
  remove(): Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'munadi-command-'));
  return {
    path,
    async write(name, text) {
      const file = join(path, name);
      await writeFile(file, text);
      return file;
    },
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** One channel a platform, accounts without credentials, quick timings; `change` overrides the top of it. */
export function configText(change: Record<string, unknown> = {}): string {
  return stringify({
    data: './data',
    http: { port: 0 },
    accounts: {
      'telegram-main': { platform: 'telegram' },
      'x-main': { platform: 'x' },
      'whatsapp-main': { platform: 'whatsapp' },
      'facebook-main': { platform: 'facebook' },
    },
    channels: [
      { id: 'telegram-ar', account: 'telegram-main', chat: '@channel' },
      { id: 'x-ar', account: 'x-main' },
      {
        id: 'whatsapp-ar',
        account: 'whatsapp-main',
        recipients: ['+963900000000'],
        template: { name: 'news', language: 'ar' },
      },
      { id: 'facebook-ar', account: 'facebook-main' },
    ],
    reliability: { requestTimeout: '2s', lease: '8s', backoff: '50ms', maxBackoff: '200ms' },
    ...change,
  });
}

let serial = 0;

/** An Arabic article as plain text, another one each time. */
export function articleText(): string {
  serial += 1;
  const number = `${process.pid}-${serial}`;
  return [
    `البلدية تفتتح المكتبة رقم ${number} في الحي القديم`,
    `افتتحت البلدية صباح الأحد مكتبة جديدة هي المكتبة رقم ${number}، وفيها قاعة للأطفال.`,
    'وقالت مديرة المكتبة إن “الدخول مجاني للجميع” طوال السنة.',
  ].join('\n\n');
}

/** A post's text as the article has it: numbers and names in the headline may have got direction marks. */
export function withoutMarks(text: string): string {
  return text.replace(/[\u200e\u200f\u061c]/g, '');
}

/** True while a process lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
