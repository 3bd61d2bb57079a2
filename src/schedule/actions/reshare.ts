import { z } from 'zod';
import { defineAction } from '../action.ts';
import { eachChannel } from '../each-channel.ts';

const timesText = 'a whole number from 1 to 100';
const dayText = 'a whole number of days from 1 to 3650';
const dayMs = 86_400_000;

const lead = z
  .string()
  .min(1, 'some text')
  .max(60, 'at most 60 characters')
  .regex(/^[^\p{Cc}]*$/u, 'text on one line');

/** Shares articles again that stay worth reading. */
export const reshare = defineAction({
  id: 'reshare',
  about: 'Shares one article with a tag again on each channel, the one that was there longest ago.',
  settings: z.strictObject({
    channels: z
      .array(z.string(), 'a list of channels')
      .min(1, 'at least one channel')
      .describe('Channels on which it is shared, where it was published before.'),
    tags: z
      .array(z.string().min(1, 'some text'), 'a list of tags')
      .min(1, 'at least one tag')
      .describe('Only articles with one of these, in any spelling. They are kept beyond `retention.days`.'),
    after: z
      .int(dayText)
      .min(1, dayText)
      .max(3650, dayText)
      .default(30)
      .describe('Days since it was on the channel last.'),
    times: z.int(timesText).min(1, timesText).max(100, timesText).default(3).describe('Most times on a channel.'),
    leads: z
      .array(lead, 'a list of leads')
      .min(2, 'at least two leads, so that no text is posted twice in a row')
      .optional()
      .describe('What stands before the headline, one after the other; some usual ones unless set, by language.'),
  }),
  channelKeys: ['channels'],
  run: ({ schedule, atMs, settings: { channels, tags, after, times, leads }, ports }) =>
    eachChannel(channels, async (channel) => {
      const rule = { tags, afterMs: after * dayMs, times, ...(leads === undefined ? {} : { leads }) };
      const shared = await ports.reshare(channel, { schedule, tickMs: atMs, ...rule });
      return shared === undefined ? 'nothing to share' : `shared ${shared}`;
    }),
});
