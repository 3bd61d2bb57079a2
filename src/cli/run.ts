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
  feed: () => import('./feed.ts'),
  status: () => import('./status.ts'),
  why: () => import('./why.ts'),
  schedule: () => import('./schedule.ts'),
  resolve: () => import('./resolve.ts'),
  retry: () => import('./retry.ts'),
  approve: () => import('./approve.ts'),
  reject: () => import('./reject.ts'),
  embargo: () => import('./embargo.ts'),
  correct: () => import('./correct.ts'),
  retract: () => import('./retract.ts'),
  recipients: () => import('./recipients.ts'),
  cancel: () => import('./cancel.ts'),
  subscribers: () => import('./subscribers.ts'),
  alarms: () => import('./alarms.ts'),
  check: () => import('./check.ts'),
  templates: () => import('./templates.ts'),
  pause: () => import('./pause.ts'),
  resume: () => import('./resume.ts'),
  worker: () => import('./worker.ts'),
  scheduler: () => import('./scheduler.ts'),
  api: () => import('./api.ts'),
  sandbox: () => import('./sandbox.ts'),
};

/** Runs one command to its end, and this process with it: exit code 0 done, 1 failed, 2 wrong use or config. */
export async function runCommand(argv: string[]): Promise<never> {
  // A reader that goes away (`| head`) is no reason to leave work half done; what follows is written nowhere.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const code = await execute(argv);
  // What was printed must be out before the process ends, and nothing that is still open may keep it.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise<void>((done) => stream.write('', () => done()))),
  );
  process.exit(code);
}

/** Runs a command as a file of its own (`node workers/telegram.ts [CONFIG]`): a lone name is the configuration. */
export function runEntry(command: string[], [first, ...rest]: string[]): Promise<never> {
  const isFile = first !== undefined && !first.startsWith('-');
  return runCommand([...command, ...(isFile ? ['--config'] : []), ...(first === undefined ? [] : [first]), ...rest]);
}

/** Runs one command, and tells on standard error what goes wrong. Resolves to the exit code. */
export async function execute([name, ...args]: string[]): Promise<number> {
  if (name === 'help' && args[0] !== undefined) return execute([args[0], '--help']);
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    await overview();
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
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
    return explain(error, command);
  }
}

/** Tells what went wrong: for what can be foreseen without a stack. Returns the exit code. */
function explain(error: unknown, { usage }: Command): number {
  if (error instanceof InputError) {
    printError(error.message);
    // Something that is away now, not a wrong wish.
    return error.status >= 500 ? 1 : error.exitCode;
  }
  if (!(error instanceof Error)) {
    printError(String(error));
    return 1;
  }
  const code = 'code' in error ? String(error.code) : '';
  // An option that does not exist, or a value that is missing.
  if (code.startsWith('ERR_PARSE_ARGS')) {
    printError(`${error.message}\nUsage: munadi ${usage}`);
    return 2;
  }
  const fromRedis = /^(ReplyError|MaxRetriesPerRequestError|AbortError)$/.test(error.name);
  if (fromRedis || /Connection is closed|Command timed out/.test(error.message)) {
    printError(`Redis does not answer any more: ${error.message}`);
  } else if ('syscall' in error) printError(error.message);
  else printError(error.stack ?? error.message);
  return 1;
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
      'munadi COMMAND --help tells more of each. Exit codes: 0 done, 1 failed, 2 wrong use or config.',
    ].join('\n'),
  );
}
