import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { Schedule } from '../core/schedule.ts';
import { platforms } from '../platforms/index.ts';
import type { Report } from './report.ts';

/** Channels as they stand in the file, for their places. */
type Given = readonly unknown[];

/** What a channel gathers for a digest must get one, and a channel that gets one must be able to show it. */
export function checkDigests(
  { channels, schedules, given }: { channels: readonly Channel[]; schedules: readonly Schedule[]; given: Given },
  report: Report,
): void {
  const served = new Map(
    schedules
      .filter(({ action }) => action === 'digest')
      .flatMap(({ id, settings }) => (settings.channels as string[]).map((channel) => [channel, id] as const)),
  );
  for (const channel of channels) {
    const path = ['channels', given.findIndex((one) => (one as { id?: unknown } | null)?.id === channel.id)] as const;
    const key = gathersBy(channel);
    const schedule = served.get(channel.id);
    if (key !== undefined && schedule === undefined) {
      report.problem([...path, key], {
        expected: 'a digest for what the channel gathers',
        got: 'none',
        remedy: `Add { id: …, cron: "0 7 * * *", action: digest, channels: [${channel.id}] } under "schedules".`,
      });
    }
    if (schedule === undefined) continue;
    if (key === undefined) {
      report.warn(
        path,
        `gathers nothing for its digest ("${schedule}"): set collect, late: digest or caps.rest: digest.`,
      );
    }
    const problem = problemOf(channel);
    if (problem !== undefined) {
      const remedy = 'Give the digest a channel of its own with another template, or take the channel out of it.';
      report.problem(path, { expected: `a channel that can show its digest ("${schedule}")`, got: problem, remedy });
    }
  }
}

/** By which of its keys a channel gathers articles; undefined: it does not. */
function gathersBy({ rhythm }: Channel): string | undefined {
  if (rhythm?.collect) return 'collect';
  if (rhythm?.late === 'digest') return 'late';
  return rhythm?.caps?.rest === 'digest' ? 'caps' : undefined;
}

const sample: Article = {
  id: 'digest',
  version: 1,
  title: 'أبرز الأخبار',
  paragraphs: [],
  language: 'ar',
  direction: 'rtl',
  images: [],
  tags: [],
  priority: 'normal',
  digest: [{ article: 'a', title: 'افتتاح حديقة', direction: 'rtl', url: 'https://news.example.org/1' }],
};

/** Why a channel cannot show a digest. */
function problemOf(channel: Channel): string | undefined {
  try {
    platforms[channel.platform]?.compose(sample, channel);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/\.$/, '').replace(/^./, (first) => first.toLowerCase());
  }
}
