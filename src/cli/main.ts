import { InputError } from '../core/errors.ts';
import { nearest } from '../text/nearest.ts';
import type { Command } from './command.ts';
import { print, printError } from './print.ts';

const commands: Record<string, () => Promise<{ command: Command }>> = {
  demo: () => import('./demo.ts'),
  start: () => import('./start.ts'),
  preview: () => import('./preview.ts'),
  publish: () => import('./publish.ts'),
  measure: () => import('./measure.ts'),
  status: () => import('./status.ts'),
  check: () => import('./check.ts'),
  pause: () => import('./pause.ts'),
  resume: () => import('./resume.ts'),
  worker: () => import('./worker.ts'),
  scheduler: () => import('./scheduler.ts'),
  api: () => import('./api.ts'),
  sandbox: () => import('./sandbox.ts'),
};

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    await overview();
    return name === undefined ? 2 : 0;
  }
  const load = commands[name];
  if (!load) {
    const near = nearest(name, Object.keys(commands));
    const hint = near ? `Did you mean "${near}"?` : `Commands: ${Object.keys(commands).join(', ')}.`;
    printError(`There is no command "${name}". ${hint}`);
    return 2;
  }
  const { command } = await load();
  if (args.includes('--help') || args.includes('-h')) {
    print(`${command.summary}\n\nUsage: munadi ${command.usage}`);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (error instanceof InputError) {
      printError(error.message);
      return error.exitCode;
    }
    // parseArgs: an option that does not exist, or a value that is missing.
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      printError(`${error.message}\nUsage: munadi ${command.usage}`);
      return 2;
    }
    printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
}

async function overview(): Promise<void> {
  const rows = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => `  ${name.padEnd(10)} ${(await load()).command.summary}`),
  );
  print(
    [
      'munadi: one article in, a post on every channel out.',
      '',
      ...rows,
      '',
      'munadi COMMAND --help tells more of each.',
    ].join('\n'),
  );
}

const code = await main(process.argv.slice(2));
// What was printed must be out before the process ends, and nothing that is still open may keep it.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))),
);
process.exit(code);
