import { deliveryStates } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import type { RecipientRow } from '../core/fanout.ts';
import { listWords } from '../desk/list-words.ts';
import { openRuntime } from '../runtime/open.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { print, printError, printLine, stateOf, table } from './print.ts';

const options = { state: { type: 'string' }, code: { type: 'string' } } as const;

export const command: Command = {
  summary: 'Lists the people of a delivery that goes to a list, and what became of each.',
  usage: 'recipients DELIVERY [--state STATE|held] [--code CODE] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, options, 1);
    const [id] = positionals;
    if (id === undefined)
      throw new InputError('Name the delivery of a list. "status" shows them.', { code: 'no-name' });
    const states = [...deliveryStates, 'held'];
    if (values.state !== undefined && !states.includes(values.state)) {
      throw new InputError(`--state: expected one of ${states.join(', ')}, got "${values.state}".`, {
        code: 'invalid',
      });
    }
    const isMeant = ({ state, held, code }: RecipientRow) =>
      (values.state === undefined || values.state === (held ? 'held' : state)) &&
      (values.code === undefined || values.code === code);
    const runtime = await openRuntime(openConfig(values.config), { logLevel: 'error', patience: 'fail' });
    try {
      const [counts] = await runtime.fanouts.counts([id]);
      if (!counts) throw new InputError(`There is no list "${id}".`, { code: 'not-found', status: 404 });
      if (!values.json) printError(listWords(counts));
      const batches = await runtime.fanouts.batches(id);
      for (let batch = 0; batch < batches; batch += 1) {
        const rows = (await runtime.fanouts.batch(id, batch)).filter(isMeant);
        if (values.json) for (const row of rows) printLine(row);
        else if (rows.length > 0) print(table(rows.map(cells)));
      }
      return 0;
    } finally {
      await runtime.close();
    }
  },
};

function cells({ id, who, state, held, status, code }: RecipientRow): string[] {
  const name = who === '' ? '(erased)' : /^\d+$/.test(who) ? `+${who}` : who;
  return [id, name.padEnd(16), stateOf(held, state).padEnd(11), (status ?? '').padEnd(9), code ?? ''];
}
