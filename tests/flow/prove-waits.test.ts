import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../proofs/proof.ts';

const prove = (...args: string[]) =>
  new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [join(import.meta.dirname, '..', 'proofs', 'run.ts'), 'faults', ...args],
      (_, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe('npm run prove -- faults --waits', () => {
  it('loses no wait and spends nothing twice, whoever dies while deliveries wait', async () => {
    const { status, stdout, stderr } = await prove('--waits', '--short', '--json', '--seed', '1');
    const verdict = JSON.parse(stdout || '{}') as Verdict;
    expect(
      verdict.checks?.filter(({ ok }) => !ok),
      stderr,
    ).toEqual([]);
    expect(status).toBe(0);
    expect(verdict.facts).toMatchObject({ cuts: 1, severed: 1 });
    expect(verdict.facts.told).toBeGreaterThan(0);
    expect(verdict.kills).toBeGreaterThan(0);
  }, 90_000);
});
