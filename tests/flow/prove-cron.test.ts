import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Verdict } from '../proofs/proof.ts';

const prove = (...args: string[]) =>
  new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    const file = join(import.meta.dirname, '..', 'proofs', 'run.ts');
    const child = execFile(process.execPath, [file, ...args], (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });

it('the short form of npm run prove -- cron holds', async () => {
  const { status, stdout, stderr } = await prove('cron', '--short', '--json');
  const verdict = JSON.parse(stdout || '{}') as Verdict;
  expect(
    verdict.checks?.filter(({ ok }) => !ok),
    stderr,
  ).toEqual([]);
  expect(status, stderr).toBe(0);
  expect(verdict).toMatchObject({ name: 'cron', ok: true });
  // It has seen what it judges.
  expect(verdict.facts.done).toBeGreaterThan(50);
  expect(verdict.facts.missed).toBeGreaterThan(0);
}, 120_000);

it('it exits with 2 where it is used wrongly', async () => {
  const { status, stderr } = await prove('cron', '--shrt');
  expect(status).toBe(2);
  expect(stderr).toContain('--shrt');
});
