import { InputError } from '../core/errors.ts';
import { fired, listenForStop } from '../runtime/shutdown.ts';
import { startSandbox } from '../sandbox/index.ts';
import type { Command } from './command.ts';
import { parseCount, parseOptions } from './options.ts';
import { print, printLine, table } from './print.ts';

export const command: Command = {
  summary: 'Runs the simulated platforms alone, on four ports.',
  usage: 'sandbox [--port N] [--limits] [--json]     (N for telegram, then x, whatsapp, facebook)',

  async run(args) {
    const { values } = parseOptions(args, {
      port: { type: 'string', default: '9001' },
      limits: { type: 'boolean', default: false },
    });
    const port = parseCount('port', values.port, { min: 0, max: 65_532 });
    const stop = listenForStop();
    const sandbox = await startSandbox({ port, limits: values.limits }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      throw new InputError(`Port ${port} or one of the three after it is taken. Choose others by --port.`, {
        code: 'port-taken',
      });
    });
    const roots = Object.entries(sandbox.roots);
    if (values.json) printLine(Object.fromEntries(roots.map(([platform, apiRoot]) => [platform, { apiRoot }])));
    else
      print(
        `${table(roots.map(([platform, root]) => [`  ${platform}`, root]))}\nOpen them in a browser to see the posts. Ctrl-C stops.`,
      );
    await fired(stop);
    await sandbox.close();
    return 0;
  },
};
