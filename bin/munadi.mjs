#!/usr/bin/env node
// Starts a Munadi command from anywhere: makes the machine ready where it is not, then runs it under a Node that can.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensurePackages, isModern, modernNode, root } from '../scripts/setup/packages.mjs';
import { ensureRedis } from '../scripts/setup/redis.mjs';
import { Problem } from '../scripts/setup/steps.mjs';

const main = join(root, 'src', 'cli', 'main.ts');
/** Commands that open a store. */
const needRedis = new Set([
  'demo',
  'start',
  'publish',
  'status',
  'check',
  'worker',
  'scheduler',
  'api',
  'pause',
  'resume',
]);

try {
  await ensurePackages();
  if (needRedis.has(process.argv[2])) await ensureRedis(configFile());
  if (isModern()) await import(main);
  else handOver();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

function configFile() {
  const args = process.argv.slice(2);
  const joined = args.find((arg) => arg.startsWith('--config='))?.slice('--config='.length);
  return joined ?? (args.includes('--config') ? args[args.indexOf('--config') + 1] : undefined);
}

function handOver() {
  const child = spawn(modernNode(), [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    process.exit(signal ? 128 + (signal === 'SIGINT' ? 2 : 15) : (code ?? 1));
  });
}
