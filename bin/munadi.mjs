#!/usr/bin/env node
// Starts a Munadi command from anywhere: makes the machine ready where it is not, then runs it under a Node that can.
import module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileCache, ensurePackages, isModern, modernNode, root } from '../scripts/setup/packages.mjs';
import { configFileIn, ensureRedis } from '../scripts/setup/redis.mjs';
import { handOver, Problem } from '../scripts/setup/steps.mjs';

const main = join(root, 'src', 'cli', 'main.ts');
/** Commands that open a store. */
const needRedis = new Set([
  'demo',
  'start',
  'publish',
  'status',
  'why',
  'resolve',
  'retry',
  'check',
  'worker',
  'scheduler',
  'api',
  'pause',
  'resume',
]);
const args = process.argv.slice(2);
const wantsHelp = args.includes('--help') || args.includes('-h');

try {
  await ensurePackages();
  if (needRedis.has(args[0]) && !wantsHelp) await ensureRedis(configFileIn(args));
  if (isModern()) {
    module.enableCompileCache?.(compileCache);
    await import(pathToFileURL(main).href);
  } else handOver(modernNode(), [main, ...args], { NODE_COMPILE_CACHE: compileCache });
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
