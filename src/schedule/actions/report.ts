import { z } from 'zod';
import { type ChannelTally, defineAction } from '../action.ts';
import { wallTimeAt } from '../zone.ts';

/** Says what was published, and what was not, since the tick before. */
export const report = defineAction({
  id: 'report',
  about: 'Writes to the log what was published since the tick before, what failed, and what waits, by channel.',
  settings: z.strictObject({
    channels: z
      .array(z.string())
      .min(1, 'at least one channel')
      .optional()
      .describe('Channels that are told of; without it, all.'),
    quiet: z.boolean().default(false).describe('true: channels that have nothing to tell are left out.'),
  }),
  channelKeys: ['channels'],
  async run({ settings: { channels, quiet }, timezone, atMs, previousMs, ports }) {
    const tallies = Object.entries(await ports.tally(previousMs, atMs)).filter(
      ([channel]) => channels?.includes(channel) ?? true,
    );
    const told = tallies.filter(([, tally]) => !quiet || Object.values(tally).some((count) => count > 0));
    const lines = told.map(([channel, tally]) => `${channel}: ${inWords(tally)}`);
    const period = `${timeOf(previousMs, timezone)} to ${timeOf(atMs, timezone)} (${timezone})`;
    await ports.tell([period, ...(lines.length > 0 ? lines : ['nothing to report'])].join('\n'));
    const published = tallies.reduce((sum, [, tally]) => sum + tally.published, 0);
    const failed = tallies.reduce((sum, [, tally]) => sum + tally.failed, 0);
    return `${published} published, ${failed} failed`;
  },
});

function inWords({ published, failed, held, waiting }: ChannelTally): string {
  const parts = [`${published} published`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (held > 0) parts.push(`${held} held for a person`);
  if (waiting > 0) parts.push(`${waiting} waiting`);
  return parts.join(', ');
}

function timeOf(atMs: number, zone: string): string {
  const { year, month, day, hour, minute } = wallTimeAt(atMs, zone);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}`;
}
