import type { Channel } from '../core/channel.ts';
import { type FollowAct, finalStates, type HistoryEntry, returnableStates } from '../core/delivery.ts';
import type { Step as PostStep } from '../core/post.ts';
import { listWords } from '../desk/list-words.ts';
import { type ArticleStory, type DeliveryStory, inDoubtSince, retryCommand, settleCommands } from '../desk/state.ts';
import { percent } from '../pipeline/near.ts';
import type { SkippedTwin } from '../store/articles.ts';
import { wrap } from './preview-columns.ts';
import { directLines, lineDirection } from './preview-direction.ts';
import { block, clean } from './preview-text.ts';
import { placeOf, priorityWords, stateOf } from './print.ts';

export interface StoryOptions {
  /** Times are told in this zone. */
  timezone: string;
  channels: readonly Channel[];
  /** The configuration file, for the commands that are named. */
  file: string;
  paused: readonly { kind: 'account' | 'channel'; id: string; reason: string }[];
  /** Bold face, by ANSI escape codes. */
  colour?: boolean;
}

const width = 76;
const margin = '  ';
/** Width of the column of times. */
const timeWidth = 22;

/** The story of an article's deliveries for a terminal; texts stand as `preview` prints them. */
export function renderStory(story: ArticleStory, options: StoryOptions): string {
  const { article, acceptedAt, left, deliveries, retracted, twins = [] } = story;
  const bold = (text: string) => (options.colour ? `\u001B[1m${text}\u001B[22m` : text);
  const facts = [article.id, `version ${article.version}`, article.language, priorityWords(article)];
  const lines = [
    '═'.repeat(width + margin.length),
    ...block(article.title, lineDirection(article.title), width).map(bold),
    `${margin}${clean(facts.join(' · '))}`,
    `${margin}times in ${options.timezone}`,
    ...(acceptedAt === null ? [] : row(acceptedAt, 'accepted', options)),
    ...(article.follows === undefined ? [] : labelled('', `tells the same story as ${article.follows}`)),
    ...(retracted ? row(retracted.at, `retracted${retracted.why === '' ? '' : ` – ${retracted.why}`}`, options) : []),
  ];
  if (deliveries.length === 0) lines.push('', `${margin}No channel takes it: every one is kept out by its filters.`);
  for (const delivery of deliveries) lines.push('', ...deliveryLines(delivery, options, bold));
  const others = Object.entries(left).filter(([id]) => !deliveries.some(({ channel }) => channel === id));
  if (others.length > 0)
    lines.push('', ...others.map(([id, reason]) => `${margin}${clean(`not to ${id}: ${reason}`)}`));
  lines.push(...twins.flatMap((twin) => ['', ...twinLines(twin, options)]));
  return lines.join('\n');
}

/** What was not accepted, for this article tells the same. */
function twinLines({ id, title, source, url, likeness, at }: SkippedTwin, options: StoryOptions): string[] {
  const from = source === undefined ? '' : ` from ${source}`;
  return [
    ...row(at, `not taken${from}, ${percent(likeness)} the same as this: ${id}`, options),
    ...block(title, lineDirection(title), width),
    ...(url === undefined ? [] : [`${margin}${clean(url)}`]),
  ];
}

/** A line of history with what follows from those before it. */
interface Step {
  entry: HistoryEntry;
  /** Hash of the post that is being said. */
  post: string;
  /** Index of the part that this is about. */
  part: number;
  /** Address of what went live here, else its id. */
  live: string | undefined;
}

const actWords: Record<FollowAct, string> = {
  correct: 'correction',
  retract: 'retraction',
  followUp: 'further story',
};

function deliveryLines(delivery: DeliveryStory, options: StoryOptions, bold: (text: string) => string): string[] {
  const { id, channel, platform, sandbox, recipient, held, state, act } = delivery;
  const to = recipient ? ` ${recipient}` : '';
  const what = act === undefined ? '' : `, ${actWords[act]}`;
  const title = `── ${channel} (${platform}, ${placeOf(sandbox)})${to}${what}: ${stateOf(held, state)} `;
  const shown = new Set<string>();
  return [
    bold(clean(title).padEnd(width + margin.length, '─')),
    `${margin}delivery ${id}`,
    ...stepsOf(delivery).flatMap((step) => [
      ...row(step.entry.at, describe(step, delivery), options, step.live),
      ...(step.entry.event === 'sending' ? said(step, delivery, shown) : []),
    ]),
    ...(delivery.list ? labelled('people', listWords(delivery.list)) : []),
    ...nowLines(delivery, options),
  ];
}

/** Only an attempt's first line names the post, and few name the part: the rest follows from their order. */
function stepsOf({ history, parts, list }: DeliveryStory): Step[] {
  // What had gone out and did not arrive is no part any more, and the last live one is certain: a long history has lost
  // its beginning.
  const gone = (from: number) => history.slice(from).filter(({ event, remoteId }) => event === 'retried' && remoteId);
  // A list has no part of its own.
  let part = list ? 0 : parts.length + gone(0).length - history.filter(isLive).length;
  let post = '';
  return history.map((entry, index): Step => {
    if (entry.post !== undefined) post = entry.post;
    if (entry.event === 'retried') part = entry.part ?? part;
    if (!isLive(entry)) return { entry, post, part: entry.part ?? part, live: undefined };
    const [lost] = gone(index);
    const receipt = lost && part >= (lost.part ?? 0) ? undefined : parts[part];
    part += 1;
    return { entry, post, part: part - 1, live: receipt?.url ?? receipt?.remoteId ?? lost?.remoteId ?? entry.remoteId };
  });
}

function isLive({ event, reason }: HistoryEntry): boolean {
  return event === 'part' || event === 'published' || (event === 'resolved' && reason === 'published');
}

/** One step in words, without the address of what went live. */
function describe(step: Step, delivery: DeliveryStory): string {
  const { platform, list } = delivery;
  const { event, attempt, reason } = step.entry;
  const back = cameBack(step.entry);
  const what = partName(step, delivery);
  switch (event) {
    case 'scheduled':
      return `waits for its time${back}`;
    case 'sending':
      if (list) return `attempt ${attempt}: its list is begun`;
      return `attempt ${attempt}: ${what} is ${doneTo(step, delivery) ?? 'sent'}`;
    case 'part':
    case 'published':
      if (list) return 'nobody on the list is left to write to';
      if (reason === 'found') return `${platform} was asked, and shows ${what}`;
      return `${what} ${doneTo(step, delivery) ? `has been ${doneTo(step, delivery)}` : 'is published'}${back}`;
    case 'retryable':
      return `${what} was not posted, and is to be tried again${back}`;
    case 'unconfirmed':
      return `${what} may be live${back}`;
    case 'rejected':
      return `refused for good${back}`;
    case 'discarded':
      return `given up, not posted${back}`;
    case 'cancelled':
      return `cancelled${back}`;
    case 'looked':
      return `${platform} was asked, and does not show ${what}${back}`;
    case 'status':
      return `${platform} reports${back}`;
    case 'retried':
      return 'a person sends it again';
    case 'approved':
      return 'a person says yes to it';
    case 'resolved':
      return isLive(step.entry) ? `a person says: ${what} is there` : `a person says: ${what} is not there`;
  }
}

const verbs: Record<PostStep['do'], string | undefined> = { send: undefined, edit: 'edited', remove: 'removed' };

/** What is done to a message that is live; undefined where one is sent. */
function doneTo({ part, post }: Step, { posts }: DeliveryStory): string | undefined {
  const step = posts[post]?.steps?.[part];
  return step && verbs[step.do];
}

function cameBack({ code, reason }: HistoryEntry): string {
  if (reason === undefined || reason === '') return code === undefined ? '' : ` – ${code}`;
  return code === undefined || reason.includes(code) ? ` – ${reason}` : ` – ${reason} (${code})`;
}

function partName({ part, post }: Step, { posts }: DeliveryStory): string {
  const count = posts[post]?.steps?.length ?? posts[post]?.parts.length ?? 1;
  return count > 1 || part > 0 ? `part ${part + 1} of ${Math.max(count, part + 1)}` : 'the post';
}

/** The text that an attempt sent; once, where several sent the same. */
function said({ post: hash, part }: Step, { posts }: DeliveryStory, shown: Set<string>): string[] {
  const key = `${hash} ${part}`;
  if (shown.has(key)) return labelled('', 'with the same text as before');
  shown.add(key);
  const post = posts[hash];
  const step = post?.steps?.[part];
  if (step?.do === 'remove') return [];
  const text = post?.parts[step?.part ?? part]?.text;
  if (post === undefined || text === undefined) return labelled('', 'with a text that is not stored any more');
  const rows = directLines(text, post.platform).flatMap(({ line, direction }) => block(line, direction, width - 2));
  return rows.map((line) => `${margin}│ ${line.slice(margin.length)}`.trimEnd());
}

/** What it waits for, and what to do. */
function nowLines(delivery: DeliveryStory, options: StoryOptions): string[] {
  const { id, channel, state, held, dueAt, failure } = delivery;
  const now = (text: string) => labelled('now', text);
  const resting = finalStates.has(state) ? [] : pausesOf(channel, options).flatMap((text) => now(text));
  if (state === 'unconfirmed' && held) {
    const { published, notPublished } = settleCommands(id, options.file);
    return [
      ...now(`held since ${moment(inDoubtSince(delivery), options.timezone)} for a person: look at ${channel}`),
      ...resting,
      `${margin}it is there:     ${published}`,
      `${margin}it is not there: ${notPublished}`,
    ];
  }
  if (state === 'unconfirmed') return [...now('being settled with the platform'), ...resting];
  if (state === 'sending') return [...now(delivery.list ? 'being sent, person by person' : 'being sent'), ...resting];
  if (finalStates.has(state)) {
    const end = delivery.history.length > 0 ? [] : now(`${state}${failure ? ` – ${failure.reason}` : ''}`);
    return returnableStates.has(state) ? [...end, `${margin}to send it again: ${retryCommand(id, options.file)}`] : end;
  }
  const { waitsFor } = delivery;
  const isLater = Date.parse(dueAt) > Date.now();
  const due = `${isLater ? `due ${moment(dueAt, options.timezone)}` : 'waits for its turn'}${waitsFor ? `, waits for ${waitsFor}` : ''}`;
  return [...now(due), ...resting];
}

/** What keeps the channel from posting. */
function pausesOf(channel: string, { channels, paused }: StoryOptions): string[] {
  const account = channels.find(({ id }) => id === channel)?.account;
  return paused
    .filter(({ kind, id }) => id === (kind === 'channel' ? channel : account))
    .map(({ kind, id, reason }) => `${kind} ${id} rests – ${reason}. "resume ${channel}" ends it`);
}

function row(at: string, text: string, { timezone }: StoryOptions, address?: string): string[] {
  const label = moment(at, timezone);
  if (address === undefined) return labelled(label, text);
  const whole = `${text}: ${clean(address)}`;
  if (whole.length <= width - timeWidth) return labelled(label, whole);
  // An address is never torn, however long it is.
  return [...labelled(label, `${text}:`), `${margin}${' '.repeat(timeWidth)}${clean(address)}`];
}

function labelled(label: string, text: string): string[] {
  return wrap(clean(text), width - timeWidth).map(
    (line, index) => `${margin}${(index === 0 ? label : '').padEnd(timeWidth)}${line}`,
  );
}

/** A time to the second, in the zone of the newsroom. */
function moment(at: string, timezone: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const format = { dateStyle: 'medium', timeStyle: 'medium', timeZone: timezone } as const;
  return new Intl.DateTimeFormat('en-GB', format).format(date);
}
