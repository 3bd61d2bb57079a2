import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyPatch, parsePatch } from 'diff';
import type { Check, Verdict } from '../proof.ts';
import { type Plan, project } from './plan.ts';
import { createSay } from './report.ts';

/** Where the patches lie: each takes one safety rule out of the program. */
const folder = join(import.meta.dirname, '../mutants');

/** What a tree needs to be run; its packages are the project's. */
const parts = ['src', 'bin', 'workers', 'config', 'package.json', 'tsconfig.json'];

/** Names of the mutants, which are those of the rules that they lack. */
export async function listMutants(): Promise<string[]> {
  const files = await readdir(folder);
  return files.filter((file) => file.endsWith('.patch')).map((file) => file.slice(0, -'.patch'.length));
}

/** A patched copy of the program. Throws where the patch does not fit any more. */
export async function plantMutant(name: string): Promise<{ root: string; remove(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), `munadi-mutant-${name}-`));
  for (const part of parts) await cp(join(project, part), join(root, part), { recursive: true });
  await symlink(join(project, 'node_modules'), join(root, 'node_modules'));
  for (const patch of parsePatch(await readFile(join(folder, `${name}.patch`), 'utf8'))) {
    const file = join(root, (patch.newFileName ?? '').replace(/^b\//, ''));
    const patched = applyPatch(await readFile(file, 'utf8'), patch);
    if (patched === false) throw new Error(`${name}.patch does not fit ${patch.newFileName} any more.`);
    await writeFile(file, patched);
  }
  return { root, remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }) };
}

/** How a proof is run on one tree. */
export type Prove = (plan: Plan, seed: number) => Promise<Verdict>;

/**
 * Runs the proof on each mutant, over several seeds. It holds where the proof refuses every one of them: a rule whose
 * absence is not noticed is not tested.
 */
export async function proveMutants(prove: Prove, plan: Plan, seed: number): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const checks: Check[] = [];
  const { names, seeds } = plan.mutants ?? { names: [], seeds: 0 };
  for (const name of names.length > 0 ? names : await listMutants()) {
    const survived: Check['samples'] = [];
    for (let run = 0; run < seeds; run += 1) {
      const mutant = await plantMutant(name);
      try {
        const { checks: found } = await prove({ ...plan, root: mutant.root, mutants: undefined }, seed + run);
        const broken = found.filter(({ ok }) => !ok);
        say(
          `mutant ${name}, seed ${seed + run}: ${broken.map((one) => `${one.name} ${one.value}`).join(', ') || 'SURVIVED'}`,
        );
        if (broken.length === 0) survived.push({ article: name, what: `not noticed with seed ${seed + run}` });
      } finally {
        await mutant.remove();
      }
    }
    checks.push({
      name: `without ${name}`,
      value: survived.length,
      aim: 0,
      ok: survived.length === 0,
      samples: survived,
    });
  }
  return {
    name: 'faults',
    seed,
    ok: checks.every(({ ok }) => ok),
    checks,
    facts: { mutants: checks.length, seeds, seconds: Math.round((performance.now() - startedAt) / 1000) },
  };
}
