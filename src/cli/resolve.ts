import type { Delivery } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import { resolveDeps } from '../desk/deliveries.ts';
import { readArticleState } from '../desk/state.ts';
import { isWaiting, refusalOf, resolveDelivery, type Word } from '../pipeline/resolve.ts';
import { openRuntime, type Runtime } from '../runtime/open.ts';
import { listPresences } from '../store/presence.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { print, printError, printJson, stateOf, table } from './print.ts';

const options = { published: { type: 'string' }, 'not-published': { type: 'boolean' } } as const;

export const command: Command = {
  summary: 'Settles a held delivery: the post is on the channel, or it is not and goes out again.',
  usage: 'resolve DELIVERY|ARTICLE --published URL | --not-published [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, options, 1);
    const word = readWord(values.published, values['not-published'] ?? false);
    const [id] = positionals;
    if (id === undefined) {
      throw new InputError('Name one delivery. "status" lists what is held.', { code: 'no-delivery' });
    }
    const runtime = await openRuntime(openConfig(values.config), { logLevel: 'error', patience: 'fail' });
    try {
      const resolved = await resolveDelivery(resolveDeps(runtime), await findDelivery(runtime, id), word);
      if (resolved.verdict === 'missing') throw unknown(id);
      const { verdict, delivery } = resolved;
      if (values.json) printJson(delivery);
      if (verdict === 'refused') {
        printError(refusalOf(delivery));
        return 1;
      }
      if (!values.json) print(await outcome(runtime, delivery, word));
      return 0;
    } finally {
      await runtime.close();
    }
  },
};

function readWord(url: string | undefined, isAbsent: boolean): Word {
  if ((url !== undefined) === isAbsent) {
    throw new InputError(
      'Say one of the two: --published URL where the post is on the channel, or --not-published where it is not.',
      { code: 'no-word' },
    );
  }
  return url === undefined ? { published: false } : { published: true, url };
}

/** The id of a delivery: itself, or the only unconfirmed one of an article. */
async function findDelivery(runtime: Runtime, id: string): Promise<string> {
  const state = await readArticleState(runtime, id);
  if (!state) throw unknown(id);
  if (state.deliveries.some((delivery) => delivery.id === id)) return id;
  const open = state.deliveries.filter((delivery) => delivery.state === 'unconfirmed');
  if (open.length === 1 && open[0]) return open[0].id;
  const many = open.length > 0;
  const told = many
    ? `Several deliveries of article ${id} are unconfirmed. Name one of them:`
    : `No delivery of article ${id} is unconfirmed:`;
  throw new InputError(`${told}\n${listed(many ? open : state.deliveries)}`, {
    code: many ? 'several' : 'not-unconfirmed',
  });
}

function listed(deliveries: readonly Delivery[]): string {
  return table(
    deliveries.map(({ id, channel, recipient, held, state }) => [
      `  ${id}`,
      channel,
      recipient ?? '',
      stateOf(held, state),
    ]),
  );
}

function unknown(id: string): InputError {
  return new InputError(`There is no article and no delivery "${id}".`, { code: 'not-found', status: 404 });
}

async function outcome(runtime: Runtime, delivery: Delivery, word: Word): Promise<string> {
  const { id, channel, platform, state, url, remoteId } = delivery;
  const name = `${id} (${channel})`;
  if (!isWaiting(delivery)) {
    return state === 'published' ? `${name} is published: ${url ?? remoteId}` : `${name} is ${state} now.`;
  }
  const working = (await listPresences(runtime.redis, runtime.config.redis.prefix)).flatMap(({ roles }) => roles);
  const when = working.includes(platform)
    ? `The worker for ${platform} takes it up by itself.`
    : `No worker for ${platform} is running: the next "npm start" sends it.`;
  return word.published
    ? `${name}: the part in doubt is recorded as published. The rest of the post follows. ${when}`
    : `${name} is queued again. ${when}`;
}
