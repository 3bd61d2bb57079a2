import { InputError } from '../core/errors.ts';
import { listWords } from '../desk/list-words.ts';
import { cancelList } from '../pipeline/fanout/control.ts';
import { openRuntime } from '../runtime/open.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { print, printJson } from './print.ts';

export const command: Command = {
  summary: 'Stops a delivery to a list: who has not got it yet does not get it any more.',
  usage: 'cancel DELIVERY [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, {}, 1);
    const [id] = positionals;
    if (id === undefined)
      throw new InputError('Name the delivery of a list. "status" shows them.', { code: 'no-name' });
    const runtime = await openRuntime(openConfig(values.config), { logLevel: 'error', patience: 'fail' });
    try {
      const { delivery, left } = await cancelList(runtime, id);
      if (values.json) printJson(delivery);
      else {
        print(`${id} (${delivery.channel}): ${left} of its people are not written to any more.`);
        if (delivery.list) print(`  ${listWords(delivery.list)}`);
      }
      return 0;
    } finally {
      await runtime.close();
    }
  },
};
