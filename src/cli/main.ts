import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Half of a start that no launcher has made. In a folder of ours: the default one is shared by all users of the machine.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/munadi', import.meta.url)));

const { runCommand } = await import('./run.ts');
await runCommand(process.argv.slice(2));
