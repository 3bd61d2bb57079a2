import { InputError } from '../core/errors.ts';
import { checkChannels } from '../pipeline/editor.ts';
import { openRuntime } from '../runtime/open.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { print, printJson } from './print.ts';

export const command: Command = {
  summary: 'Lets a channel rest: its deliveries wait until it is resumed.',
  usage: 'pause CHANNEL [--reason TEXT] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, { reason: { type: 'string', default: 'by an operator' } }, 1);
    const [channel] = positionals;
    if (channel === undefined) throw new InputError('Name one channel.', { code: 'no-channel' });
    const config = openConfig(values.config);
    checkChannels(config.channels, [channel]);
    const runtime = await openRuntime(config, { logLevel: 'error', patience: 'fail' });
    try {
      await runtime.pauses.pauseChannel(channel, values.reason);
      if (values.json) printJson({ channel, paused: true, reason: values.reason });
      else print(`${channel} rests. "munadi resume ${channel}" ends it.`);
      return 0;
    } finally {
      await runtime.close();
    }
  },
};
