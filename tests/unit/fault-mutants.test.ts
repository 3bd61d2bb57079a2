import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listMutants, plantMutant } from '../proofs/faults/mutants.ts';

/** The rules that keep the promise, each of which the proof has to miss when it is gone. */
const rules = ['claim', 'durable-append', 'expired-sending', 'fence', 'outbox-sweeper', 'quarantine', 'self-fence'];
/** The same of what follows posts. */
const followRules = ['follow-doubt', 'follow-open', 'follow-overtaken'];

describe('mutants', () => {
  it('are there for every safety rule', async () => {
    expect((await listMutants('faults')).sort()).toEqual(rules);
    expect((await listMutants('follow')).sort()).toEqual(followRules);
  });

  it.each([...rules, ...followRules])('%s fits the program as it is', async (name) => {
    const mutant = await plantMutant(name);
    try {
      const patch = await readFile(join(import.meta.dirname, '../proofs/mutants', `${name}.patch`), 'utf8');
      const added = [...patch.matchAll(/^\+(?!\+\+ )(.*\S.*)$/gm)].map(([, line]) => line as string);
      const files = [...patch.matchAll(/^\+\+\+ b\/(\S+)/gm)].map(([, file]) => join(mutant.root, file as string));
      const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
      for (const line of added) expect(texts.join('\n')).toContain(line);
    } finally {
      await mutant.remove();
    }
    expect(existsSync(mutant.root)).toBe(false);
  });
});
