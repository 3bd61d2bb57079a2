import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something a person has to solve; its message says how. */
export class Problem extends Error {}

/** True where a program is on the PATH. */
export function has(program) {
  return locate(program) !== undefined;
}

/** Path of a program on the PATH; undefined where there is none. */
export function locate(program) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders
    .flatMap((folder) => endings.map((ending) => join(folder, program + ending)))
    .find((file) => existsSync(file));
}

/** Size of a file, or of everything in a folder, in whole megabytes. */
export function megabytes(path) {
  return Math.ceil(bytes(realpathSync(path)) / 1_000_000);
}

function bytes(path) {
  const info = lstatSync(path);
  if (info.isSymbolicLink()) return 0;
  if (!info.isDirectory()) return info.size;
  return readdirSync(path).reduce((sum, name) => sum + bytes(join(path, name)), 0);
}

/** Runs a step, and tells what it did, in what time. `describe` gives what is there now, such as a size. */
export async function step(name, work, describe) {
  const started = Date.now();
  process.stderr.write(`munadi: ${name} …\n`);
  await work();
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stderr.write(`munadi: ${name}: ${describe()}, ${seconds} s\n`);
}

/** Runs a program quietly. Resolves to its exit code and the end of what it said. */
export function run(program, args, { env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let said = '';
    const hear = (chunk) => {
      said = (said + chunk).slice(-4000);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) => resolve({ code: 127, said: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, said }));
  });
}

/** First line that a program prints, or an empty text. */
export function firstLine(program, args) {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout?.split('\n')[0]?.trim() ?? '';
}
