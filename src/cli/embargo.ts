import { InputError } from '../core/errors.ts';
import { readTime } from '../core/time.ts';
import { readArticleState } from '../desk/state.ts';
import { openRuntime } from '../runtime/open.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { print, printJson, stateOf, table } from './print.ts';

const options = { until: { type: 'string' }, lift: { type: 'boolean' } } as const;

export const command: Command = {
  summary: 'Moves the embargo of an article, or lifts it: what is not sent yet obeys at once.',
  usage: 'embargo ARTICLE --until ISO | --lift [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, options, 1);
    const [id] = positionals;
    if (id === undefined) throw new InputError('Name one article.', { code: 'no-name' });
    const untilMs = readUntil(values.until, values.lift ?? false);
    const runtime = await openRuntime(openConfig(values.config), { logLevel: 'error', patience: 'fail' });
    try {
      const article = (await readArticleState(runtime, id))?.article.id;
      if (article === undefined || !(await runtime.articles.embargo(article, untilMs))) {
        throw new InputError(`There is no article and no delivery "${id}".`, { code: 'not-found', status: 404 });
      }
      const state = await readArticleState(runtime, article);
      if (values.json) printJson(state);
      else {
        print(
          untilMs === undefined ? `${article} may go.` : `${article} waits until ${new Date(untilMs).toISOString()}.`,
        );
        const rows = state?.deliveries.map(({ id: delivery, channel, held, state: now }) => [
          `  ${delivery}`,
          channel,
          stateOf(held, now),
        ]);
        print(table(rows ?? []));
      }
      return 0;
    } finally {
      await runtime.close();
    }
  },
};

function readUntil(text: string | undefined, lift: boolean): number | undefined {
  if ((text !== undefined) === lift) {
    throw new InputError('Say one of the two: --until TIME, or --lift.', { code: 'no-time' });
  }
  if (text === undefined) return undefined;
  const ms = readTime(text);
  if (ms === undefined) {
    throw new InputError(`--until: expected a time with offset such as 2026-05-01T14:30:00+03:00, got "${text}".`, {
      code: 'bad-time',
    });
  }
  return ms;
}
