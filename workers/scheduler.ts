import { runEntry } from '../src/cli/run.ts';

await runEntry(['scheduler'], process.argv.slice(2));
