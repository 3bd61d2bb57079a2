import { InputError } from '../core/errors.ts';
import { checkChannels } from '../pipeline/editor.ts';
import { openRuntime } from '../runtime/open.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { print, printJson } from './print.ts';

export const command: Command = {
  summary: 'Ends the rest of a channel, and of the account it posts with.',
  usage: 'resume CHANNEL [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, {}, 1);
    const [id] = positionals;
    if (id === undefined) throw new InputError('Name one channel.', { code: 'no-channel' });
    const config = openConfig(values.config);
    checkChannels(config.channels, [id]);
    const account = config.channels.find((channel) => channel.id === id)?.account ?? '';
    const runtime = await openRuntime(config, { logLevel: 'error', patience: 'fail' });
    try {
      const channel = await runtime.pauses.resume('channel', id);
      const resumedAccount = await runtime.pauses.resume('account', account);
      if (values.json)
        printJson({ channel: id, resumed: channel || resumedAccount, account: resumedAccount ? account : null });
      else print(channel || resumedAccount ? `${id} goes on within seconds.` : `${id} was not paused.`);
      return 0;
    } finally {
      await runtime.close();
    }
  },
};
