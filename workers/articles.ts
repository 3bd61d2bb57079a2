import { runEntry } from '../src/cli/run.ts';

await runEntry(['worker', 'articles'], process.argv.slice(2));
