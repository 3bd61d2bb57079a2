// Makes the machine ready, then runs what was asked for under Node 24. Plain JavaScript, no packages: it runs first.
//
//   node scripts/setup.mjs [--no-redis] munadi|vitest|run [arguments…]
import { join } from 'node:path';
import { compileCache, ensurePackages, modernNode, root } from './setup/packages.mjs';
import { configFileIn, ensureRedis } from './setup/redis.mjs';
import { handOver, Problem } from './setup/steps.mjs';

const programs = {
  munadi: [join(root, 'src', 'cli', 'main.ts')],
  vitest: [join(root, 'node_modules', 'vitest', 'vitest.mjs')],
  run: [],
};

const args = process.argv.slice(2);
const withRedis = args[0] !== '--no-redis';
if (!withRedis) args.shift();
const [what, ...rest] = args;

if (!Object.hasOwn(programs, what ?? '')) {
  process.stderr.write(`setup: expected munadi, vitest or run, got "${what ?? ''}".\n`);
  process.exit(2);
}

try {
  await ensurePackages();
  if (withRedis) await ensureRedis(configFileIn(rest));
  handOver(modernNode(), [...programs[what], ...rest], { NODE_COMPILE_CACHE: compileCache });
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
