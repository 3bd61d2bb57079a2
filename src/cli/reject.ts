import { InputError } from '../core/errors.ts';
import { openRuntime } from '../runtime/open.ts';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import { openConfig, parseOptions } from './options.ts';

export const command: Command = {
  summary: 'Says no to posts that wait: they are cancelled.',
  usage: 'reject DELIVERY|ARTICLE… [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, {}, Number.POSITIVE_INFINITY);
    if (positionals.length === 0) {
      throw new InputError('Name deliveries or articles. "approve" lists what waits for a person.', {
        code: 'no-delivery',
      });
    }
    const runtime = await openRuntime(openConfig(values.config), { logLevel: 'error', patience: 'fail' });
    try {
      return await decide(runtime, positionals, 'no', values.json ?? false);
    } finally {
      await runtime.close();
    }
  },
};
