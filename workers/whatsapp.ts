import { runEntry } from '../src/cli/run.ts';

await runEntry(['worker', 'whatsapp'], process.argv.slice(2));
