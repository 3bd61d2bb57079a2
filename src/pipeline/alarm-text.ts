import { type Telling, wordsOf } from '../core/alarms.ts';
import { markDirection, plainMarks } from '../text/bidi.ts';

/** What a text about alarms needs to know beside them. */
export interface AlarmContext {
  /** Which installation speaks. */
  sender: string;
  /** IANA name of the zone in which times are told. */
  zone: string;
  /** A command of `munadi`, as it is typed. */
  commandLine(words: string): string;
  /** The headline of an article; undefined where it is not known. */
  titleOf(article: string): string | undefined;
}

/** Telegram takes 4096. */
const mostUnits = 3_800;
const mostOfReason = 300;

/** One message about what is due at one moment: what, where, since when, and what to do. Plain text. */
export function alarmText(tellings: readonly Telling[], context: AlarmContext): string {
  const blocks = tellings.map((telling) => block(telling, context));
  if (blocks.length === 1) return marked(`${context.sender}: ${blocks[0]}`);
  let text = `${context.sender}: ${blocks.length} alarms`;
  for (const [index, next] of blocks.entries()) {
    const more = `\n\n… and ${blocks.length - index} more: ${context.commandLine('alarms')}`;
    if (text.length + next.length + more.length + 4 > mostUnits) return marked(text + more);
    text += `\n\n• ${next}`;
  }
  return marked(text);
}

/** What the other direction needs to be read as written. */
const marked = (text: string) => markDirection(text, 'ltr', plainMarks);

function block(telling: Telling, { zone, commandLine, titleOf }: AlarmContext): string {
  const { kind, count, sinceMs, overMs, again } = telling;
  const words = wordsOf(kind);
  const detail = Object.fromEntries(Object.entries(telling.detail).map(([name, text]) => [name, tidy(text)]));
  const time = (ms: number) => timeIn(ms, zone);
  const title = detail.article === undefined ? undefined : titleOf(detail.article);
  const headline = title === undefined ? [] : [`“${tidy(title)}”`];
  if (overMs !== undefined && words.over)
    return [`${words.over(detail)}. From ${time(sinceMs)} to ${time(overMs)}.`, ...headline].join('\n');
  const since = words.over
    ? `${again ? 'It goes on, since' : 'Since'} ${time(sinceMs)}.`
    : count > 1
      ? `${count} times since ${time(sinceMs)}.`
      : `At ${time(sinceMs)}.`;
  const command = words.command?.(detail, count);
  return [
    `${words.what(detail, count)}. ${since}`,
    ...headline,
    ...(words.remedy ? [words.remedy(detail)] : []),
    ...(command === undefined ? [] : [commandLine(command)]),
  ].join('\n');
}

/** Reasons come from outside: one line, not too long, without a full stop of its own. */
function tidy(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  const short = line.length > mostOfReason ? `${line.slice(0, mostOfReason).replace(/[\ud800-\udbff]$/, '')}…` : line;
  return short.replace(/\.$/, '');
}

function timeIn(ms: number, zone: string): string {
  const format = { timeZone: zone, day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat('en-GB', format).format(ms);
}
