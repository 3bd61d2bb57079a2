import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../proofs/proof.ts';

const prove = (...args: string[]) =>
  new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    const file = join(import.meta.dirname, '..', 'proofs', 'run.ts');
    const child = execFile(process.execPath, [file, ...args], (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe('the short form of', () => {
  it.each(['limits', 'breaking'])(
    'npm run prove -- %s holds',
    async (name) => {
      const { status, stdout, stderr } = await prove(name, '--short', '--json');
      const verdict = JSON.parse(stdout || '{}') as Verdict;
      expect(
        verdict.checks?.filter(({ ok }) => !ok),
        stderr,
      ).toEqual([]);
      expect(status).toBe(0);
      expect(verdict).toMatchObject({ name, ok: true });
    },
    120_000,
  );

  it('a proof exits with 2 where it is used wrongly', async () => {
    const answers = await Promise.all([prove('limits', '--shrt'), prove('breaking', '--samples', 'many')]);
    expect(answers.map(({ status }) => status)).toEqual([2, 2]);
    expect(answers[0]?.stderr).toContain('--shrt');
  });
});
