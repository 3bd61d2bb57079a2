import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something a person has to solve; its message says how. */
export class Problem extends Error {}

/** True where a program is on the PATH. */
export function has(program) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => endings.some((ending) => existsSync(join(folder, program + ending))));
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
