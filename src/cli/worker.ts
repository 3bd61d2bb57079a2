import { InputError } from '../core/errors.ts';
import { platforms } from '../platforms/index.ts';
import { runRoles } from '../runtime/process.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';

const known = [...Object.keys(platforms), 'articles'];

export const command: Command = {
  summary: 'Runs workers in a process of their own: a platform each, or articles (which feeds the queues).',
  usage: `worker ${known.join('|')}… [--config FILE]`,

  async run(args) {
    const { values, positionals } = parseOptions(args, {});
    const unknown = positionals.find((role) => !known.includes(role));
    if (unknown !== undefined || positionals.length === 0) {
      throw new InputError(`worker: expected one or more of ${known.join(', ')}, got "${unknown ?? ''}".`, {
        code: 'unknown-role',
      });
    }
    return runRoles(openConfig(values.config), positionals);
  },
};
