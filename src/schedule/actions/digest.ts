import { z } from 'zod';
import { defineAction } from '../action.ts';
import { eachChannel } from '../each-channel.ts';

const topText = 'a whole number from 1 to 50';

/** Sends channels the best of what they have gathered. */
export const digest = defineAction({
  id: 'digest',
  about:
    'Sends each channel the best of what it has gathered since the last digest, near-duplicates folded; nothing where there is nothing to tell.',
  settings: z.strictObject({
    channels: z
      .array(z.string(), 'a list of channels')
      .min(1, 'at least one channel')
      .describe('Channels that get one.'),
    title: z
      .string()
      .min(1, 'some text')
      .max(200, 'at most 200 characters')
      .regex(/^[^\p{Cc}]*$/u, 'text on one line')
      .optional()
      .describe('Its headline; "أبرز الأخبار" or "Top stories" unless set, by the language of the channel.'),
    top: z.int(topText).min(1, topText).max(50, topText).default(5).describe('Most entries; the rest is left out.'),
    least: z
      .int(topText)
      .min(1, topText)
      .max(50, topText)
      .default(1)
      .describe('With fewer entries nothing is sent, and they wait for the next digest.'),
  }),
  channelKeys: ['channels'],
  run: ({ schedule, atMs, settings: { channels, title, top, least }, ports }) =>
    eachChannel(channels, async (channel) => {
      const order = { schedule, tickMs: atMs, top, least, ...(title === undefined ? {} : { title }) };
      const { entries, left } = await ports.digest(channel, order);
      if (entries === 0) return 'nothing to tell';
      return `${entries} ${entries === 1 ? 'entry' : 'entries'}${left > 0 ? `, ${left} left out` : ''}`;
    }),
});
