import { z } from 'zod';
import { defineAction } from '../action.ts';

const daysText = 'a whole number of days from 1 to 3650';
const dayMs = 86_400_000;

/** Forgets what is finished and old. */
export const prune = defineAction({
  id: 'prune',
  about: 'Forgets finished articles that are older than `retention.days`.',
  settings: z.strictObject({
    days: z
      .int(daysText)
      .min(1, daysText)
      .max(3650, daysText)
      .optional()
      .describe('How long finished articles are kept; `retention.days` unless set.'),
  }),
  async run({ settings: { days }, ports, now }) {
    const forgotten = await ports.forget(now() - (days ?? ports.retentionDays) * dayMs);
    return `forgot ${forgotten} ${forgotten === 1 ? 'article' : 'articles'}`;
  },
});
