import { runEntry } from '../src/cli/run.ts';

await runEntry(['worker', 'telegram'], process.argv.slice(2));
