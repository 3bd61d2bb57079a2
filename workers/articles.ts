import { loadConfig } from '../src/config/load.ts';
import { runRoles } from '../src/runtime/process.ts';

process.exit(await runRoles(loadConfig(process.argv[2] ?? 'config/munadi.yaml'), ['articles']));
