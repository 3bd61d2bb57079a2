import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { proveBreaking } from '../proofs/breaking.ts';
import { proveCron } from '../proofs/cron.ts';
import { proveFanout } from '../proofs/fanout.ts';
import { proveFollow } from '../proofs/follow.ts';
import { proveLimits } from '../proofs/limits.ts';
import { UsageError, type Verdict } from '../proofs/proof.ts';

const prove = (...args: string[]) =>
  new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    const file = join(import.meta.dirname, '..', 'proofs', 'run.ts');
    const child = execFile(process.execPath, [file, ...args], (_, stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    );
  });

/** What the short form of a proof came to, once it holds. */
async function holds(name: string): Promise<Verdict> {
  const { status, stdout, stderr } = await prove(name, '--short', '--json');
  const verdict = JSON.parse(stdout || '{}') as Verdict;
  expect(
    verdict.checks?.filter(({ ok }) => !ok),
    stderr,
  ).toEqual([]);
  expect(status, stderr).toBe(0);
  expect(verdict).toMatchObject({ name, ok: true });
  return verdict;
}

// They spend their time with waiting, so they wait together.
describe.concurrent('the short form of a proof that waits', () => {
  it('npm run prove -- limits holds', async () => void (await holds('limits')), 120_000);

  it('npm run prove -- cron holds, and has seen what it judges', async () => {
    const { facts } = await holds('cron');
    expect(facts.done).toBeGreaterThan(50);
    expect(facts.missed).toBeGreaterThan(0);
  }, 120_000);

  it('npm run prove -- fanout holds, and has killed', async () => {
    const { kills } = await holds('fanout');
    expect(kills).toBe(3);
  }, 120_000);

  it('npm run prove -- follow holds, and has corrected and retracted', async () => {
    const { facts, kills } = await holds('follow');
    expect(facts.corrections).toBeGreaterThan(5);
    expect(facts.retractions).toBeGreaterThan(5);
    expect(kills).toBeGreaterThan(0);
  }, 120_000);
});

describe('the short form of a proof', () => {
  it('npm run prove -- breaking holds', async () => void (await holds('breaking')), 120_000);

  it('exits with 2 where it is used wrongly', async () => {
    for (const wrong of [
      () => proveLimits.run(['--shrt'], 1),
      () => proveBreaking.run(['--samples', 'many'], 1),
      () => proveCron.run(['--shrt'], 1),
      () => proveFollow.run(['--mutants', '--sead', '2'], 1),
      () => proveFanout.run(['--people', 'many'], 1),
    ])
      await expect(async () => wrong()).rejects.toThrow(UsageError);
    const { status, stderr } = await prove('limits', '--shrt');
    expect([status, stderr]).toEqual([2, expect.stringContaining('--shrt')]);
  });
});
