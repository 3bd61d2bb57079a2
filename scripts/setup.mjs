// Makes the machine ready, then runs what was asked for under Node 24. Plain JavaScript, no packages: it runs first.
//
//   node scripts/setup.mjs [--no-redis] munadi|vitest|run [arguments…]
import { spawn } from 'node:child_process';
import { ensurePackages, modernNode } from './setup/packages.mjs';
import { ensureRedis } from './setup/redis.mjs';
import { Problem } from './setup/steps.mjs';

const programs = {
  munadi: ['src/cli/main.ts'],
  vitest: ['node_modules/vitest/vitest.mjs'],
  run: [],
};

const args = process.argv.slice(2);
const withRedis = args[0] !== '--no-redis';
if (!withRedis) args.shift();
const [what, ...rest] = args;
const program = programs[what];

if (!program) {
  process.stderr.write(`setup: expected munadi, vitest or run, got "${what ?? ''}".\n`);
  process.exit(2);
}

try {
  await ensurePackages();
  if (withRedis) await ensureRedis();
  runModern([...program, ...rest]);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

/** Hands over: same terminal, same signals, same end. */
function runModern(argv) {
  const child = spawn(modernNode(), argv, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal) {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name);
      process.kill(process.pid, signal);
    } else process.exit(code ?? 1);
  });
}
