import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPlan } from '../proofs/faults/plan.ts';
import { UsageError, type Verdict } from '../proofs/proof.ts';

/** Four times what it takes. Told to stop, it says what it was waiting for, and ends its processes. */
const mostMs = 160_000;

const prove = (...args: string[]) =>
  new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [join(import.meta.dirname, '..', 'proofs', 'run.ts'), 'faults', ...args],
      (_, stdout, stderr) => {
        clearTimeout(late);
        resolve({ status: child.exitCode ?? -1, stdout, stderr });
      },
    );
    // A timeout of `execFile` would not hear its last words.
    const late = setTimeout(() => child.kill('SIGTERM'), mostMs);
  });

describe('npm run prove -- faults', () => {
  it(
    'loses nothing and doubles nothing, whatever is killed, stopped or answers wrongly',
    async () => {
      const { status, stdout, stderr } = await prove('--json', '--seed', '4', '--hits', '1');
      const verdict = JSON.parse(stdout || '{}') as Verdict;
      expect(
        verdict.checks?.filter(({ ok }) => !ok),
        stderr,
      ).toEqual([]);
      expect(status).toBe(0);
      expect(verdict).toMatchObject({ name: 'faults', seed: 4, ok: true });
      expect(Object.keys(verdict.platforms ?? {})).toEqual(['telegram', 'x', 'whatsapp', 'facebook']);
      for (const { accepted = 0, received = 0, held = 0, rejected = 0 } of Object.values(verdict.platforms ?? {})) {
        expect(received + held + rejected).toBe(accepted);
        expect(received).toBeGreaterThan(0);
      }
      expect(verdict.kills).toBeGreaterThan(5);
    },
    mostMs + 20_000,
  );

  it('exits with 2 where it is used wrongly', async () => {
    const wrong = [['--delivries', '3'], ['--kills', 'many'], ['--deliveries'], ['--short']];
    for (const args of wrong) expect(() => readPlan(args), args.join(' ')).toThrow(UsageError);
    const { status, stderr } = await prove('--delivries', '3');
    expect(status).toBe(2);
    expect(stderr).toContain('--delivries');
  });
});
