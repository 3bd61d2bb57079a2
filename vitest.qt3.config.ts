import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These want the machine for themselves: what they measure is who comes first, and when. */
const proofs = ['tests/flow/prove-faults.test.ts'];
/** What is timed must not be slowed down by what ran in the same process before. */
const timed = 'tests/unit/sources/article.test.ts';
/** Those that take longest begin first, so that none of them is left alone at the end. */
const longest = ['prove-short', 'processes.test', 'contract/platforms', 'prove.test', 'reconcile', 'processes-roles'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((name) => moduleId.includes(name));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    setupFiles: ['./qt-setup.ts'],
    projects: [
      { extends: true, test: { name: 'all', include: ['tests/**/*.test.ts'], exclude: [...proofs, timed] } },
      {
        extends: true,
        test: { name: 'alone', include: [...proofs, timed], isolate: true, sequence: { groupOrder: 1 } },
      },
    ],
    // Files share what they load: half of their time would go into loading it again.
    isolate: false,
    environment: 'node',
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    retry: 0,
    sequence: { sequencer: LongestFirst },
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: 'node_modules/.vitest/results.json' }]]
      : ['default'],
  },
});
