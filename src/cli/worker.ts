import { InputError } from '../core/errors.ts';
import { platforms } from '../platforms/index.ts';
import { runRoles } from '../runtime/process.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { printRunning } from './running.ts';

const known = [...Object.keys(platforms), 'articles'];

export const command: Command = {
  summary: 'Runs workers in a process of their own: a platform each, or articles (which feeds the queues).',
  usage: `worker ${known.join('|')}… [--config FILE] [--json]`,

  async run(args) {
    const { values, positionals } = parseOptions(args, {}, known.length);
    const unknown = positionals.find((role) => !known.includes(role));
    if (unknown !== undefined || positionals.length === 0) {
      throw new InputError(
        `worker: expected one or more of ${known.join(', ')}, got ${unknown === undefined ? 'nothing' : `"${unknown}"`}.`,
        {
          code: 'unknown-role',
        },
      );
    }
    const wanted = [...new Set(positionals)];
    return runRoles(openConfig(values.config), wanted, { onReady: printRunning(values.json) });
  },
};
