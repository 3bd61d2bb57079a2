import { z } from 'zod';
import { defineAction } from '../action.ts';

/** Reads feeds at certain times, beside their own pace. */
export const poll = defineAction({
  id: 'poll',
  about: 'Reads feeds at once, whenever they were to be read next.',
  settings: z.strictObject({
    feeds: z
      .array(z.string().min(1, 'some text'), 'a list of feeds')
      .min(1, 'at least one feed')
      .describe('Feeds that are read.'),
  }),
  async run({ settings: { feeds }, ports }) {
    for (const feed of feeds) await ports.poll(feed);
    return `asked for ${feeds.join(', ')}`;
  },
});
