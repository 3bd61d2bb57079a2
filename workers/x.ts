import { runEntry } from '../src/cli/run.ts';

await runEntry(['worker', 'x'], process.argv.slice(2));
