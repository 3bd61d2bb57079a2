import { InputError } from '../core/errors.ts';
import { readArticleStory } from '../desk/state.ts';
import { openRuntime } from '../runtime/open.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { print, printJson } from './print.ts';
import { renderStory } from './why-text.ts';

export const command: Command = {
  summary: 'Tells the whole story of an article or a delivery: what was said, and what came back.',
  usage: 'why ARTICLE|DELIVERY [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, {}, 1);
    const [id] = positionals;
    if (id === undefined) throw new InputError('Name an article or a delivery.', { code: 'no-name' });
    const runtime = await openRuntime(openConfig(values.config), { logLevel: 'error', patience: 'fail' });
    try {
      const story = await readArticleStory(runtime, id);
      if (!story) {
        throw new InputError(`There is no article and no delivery "${id}".`, { code: 'not-found', status: 404 });
      }
      if (values.json) {
        printJson(story);
        return 0;
      }
      const { timezone, channels, file } = runtime.config;
      const paused = await runtime.pauses.list();
      print(renderStory(story, { timezone, channels, file, paused, colour: process.stdout.isTTY }));
      return 0;
    } finally {
      await runtime.close();
    }
  },
};
