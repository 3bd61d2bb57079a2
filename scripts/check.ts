// npm run check: everything that needs no server. All parts run, even after one has failed.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const bin = (name: string) => join('node_modules', name);
const parts: [string, string[]][] = [
  ['types', [bin('typescript/bin/tsc'), '--noEmit']],
  ['lint and format', [bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings']],
  ['rules', [bin('vitest/vitest.mjs'), 'run', 'tests/rules.test.ts', '--reporter=dot']],
  ['generated files', ['scripts/schema.ts', '--check']],
  ['posts in the docs', ['scripts/posts.ts', '--check']],
];

let failed = 0;
for (const [name, argv] of parts) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const good = status === 0;
  if (!good) {
    failed += 1;
    console.log(`${stdout}${stderr}`.trimEnd());
  }
  console.log(`${good ? '✓' : '✗'} ${name} (${seconds} s)`);
}
process.exit(failed === 0 ? 0 : 1);
