import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
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
  return folders.flatMap((folder) => endings.map((ending) => join(folder, program + ending))).find(isProgram);
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
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

/**
 * Runs a program quietly. Resolves to its exit code and the end of what it said. A signal that would end this process
 * ends the program first, so that no half-done installation goes on behind the back of the next one.
 */
export function run(program, args, { env = {}, cwd } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, cwd });
    const release = passSignals(child, (signal) => child.once('close', () => process.exit(128 + numbers[signal])));
    child.on('close', release);
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

const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** Signals that come to this process go to `child` as well. Returns how to end that. */
export function passSignals(child, also = () => {}) {
  const pass = (signal) => {
    child.kill(signal);
    also(signal);
  };
  for (const signal of Object.keys(numbers)) process.on(signal, pass);
  return () => {
    for (const signal of Object.keys(numbers)) process.off(signal, pass);
  };
}

/** Runs a program in the place of this process: same terminal, same signals, same end. `env`: what is not set otherwise. */
export function handOver(program, args, env = {}) {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...env, ...process.env } });
  const release = passSignals(child);
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    release();
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}

/** First line that a program prints, or an empty text. */
export function firstLine(program, args) {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout?.split('\n')[0]?.trim() ?? '';
}
