import { z } from 'zod';
import { duration, idPattern, idText, timezone } from './fields.ts';

/** The setting `schedules`: each is checked by the schema of its action. */
export const schedules = z
  .array(z.unknown(), 'a list of schedules')
  .default([])
  .describe('What is done at certain times.');

const cronText = 'a cron expression of five fields, or six with seconds in front, such as "0 7 * * *"';

/** Keys of every schedule, beside its action's. */
export const commonSchedule = z.strictObject({
  id: z.string().regex(idPattern, idText).describe('Name of the schedule.'),
  cron: z
    .string(cronText)
    .describe('When: minute, hour, day of month, month, day of week; seconds may stand in front.'),
  timezone: timezone.optional().describe("Zone whose clocks count; the file's `timezone` unless set."),
  action: z.string().describe('What is done.'),
  missed: z
    .enum(['once', 'skip'])
    .default('once')
    .describe('Ticks that no scheduler was there for within the grace: once makes up for the newest, skip for none.'),
  grace: duration({ least: '5s', most: '1d' }).prefault('1m').describe('How late a tick may be and still count.'),
  noOverlap: z.boolean().default(true).describe('A tick that comes while a run is still under way is left out.'),
});
