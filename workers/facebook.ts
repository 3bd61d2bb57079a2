import { runEntry } from '../src/cli/run.ts';

await runEntry(['worker', 'facebook'], process.argv.slice(2));
