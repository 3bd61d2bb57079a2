import type { InboundMessage, Preference } from '../core/platform.ts';
import {
  byMessage,
  byPreference,
  type PersonEvent,
  type Subscriptions,
  type ToldPerson,
  topicsWithoutRoom,
  windowMs,
} from '../core/subscriber.ts';
import type { AnswerJob } from '../queue/answers.ts';
import type { Answered } from '../store/subscribers/answered.ts';
import type { Subscribers } from '../store/subscribers/index.ts';
import { isOfUs } from '../text/phone.ts';
import { createWishReader, type Wish } from '../text/wishes.ts';
import { type AnswerKind, answerTo } from './answers.ts';
import type { StatusEvent } from './told.ts';

/** An account that people write to. */
export interface InboundAccount {
  id: string;
  subscriptions: Subscriptions;
  /** Nobody can subscribe: only stops are understood. */
  isClosed: boolean;
}

export interface InboundDeps {
  people: Pick<Subscribers, 'tell' | 'refused'>;
  answered: Pick<Answered, 'claimHelp'>;
  /** Those that a number of ours belongs to; without a number: all. */
  accountsOf(number: string | undefined): readonly InboundAccount[];
  /** Keeps an answer until it is sent. */
  answer(job: AnswerJob): Promise<void>;
  /** People ask for these topics, which cannot be noted. */
  onNoRoom(account: string, topics: readonly string[]): void;
  /** Epoch ms. */
  now(): number;
}

/** What is left of the window must be enough to answer in. */
const marginMs = 60_000;

type Inbound = InboundMessage | Preference;
interface Heard {
  event: Inbound;
  wish: Wish | undefined;
}

/** Takes what people write and tell the platform of us: it changes what they get, opens their window, and is answered. */
export function createInbound(deps: InboundDeps) {
  const readers = new WeakMap<Subscriptions, ReturnType<typeof createWishReader>>();
  const readerOf = (subscriptions: Subscriptions) => {
    const reader = readers.get(subscriptions) ?? createWishReader(subscriptions);
    readers.set(subscriptions, reader);
    return reader;
  };

  function hear(event: Inbound, { subscriptions, isClosed }: InboundAccount): Heard {
    const wish = event.kind === 'message' ? readerOf(subscriptions)(event) : undefined;
    return { event, wish: isClosed && wish?.kind !== 'stop' ? undefined : wish };
  }

  async function takeOf(account: InboundAccount, events: readonly Inbound[]): Promise<void> {
    const heard = events.map((event) => hear(event, account));
    const told = await deps.people.tell(account.id, heard.map(toEvent));
    const noRoomFor = topicsWithoutRoom(told);
    if (noRoomFor.length > 0) deps.onNoRoom(account.id, noRoomFor);
    for (const [index, one] of heard.entries()) await reply(account, one, told[index] as ToldPerson);
  }

  async function reply(account: InboundAccount, { event, wish }: Heard, told: ToldPerson): Promise<void> {
    if (event.kind !== 'message' || event.atMs + windowMs - marginMs <= deps.now()) return;
    const kind = wish ? answerKind(wish, told) : await unasked(account, event, told);
    if (kind === undefined) return;
    const { subscriptions } = account;
    await deps.answer({
      account: account.id,
      to: event.from,
      message: event.id,
      untilMs: event.atMs + windowMs - marginMs,
      ...mutable(answerTo(told.person, kind, { subscriptions, text: event.text })),
    });
  }

  /** Whoever writes what nobody understands is told how this works, now and then. */
  async function unasked(account: InboundAccount, { text }: InboundMessage, { person }: ToldPerson) {
    if (account.isClosed || text === undefined || person.consent === 'stopped') return undefined;
    return (await deps.answered.claimHelp(account.id, person.who)) ? 'help' : undefined;
  }

  return {
    async take(events: readonly Inbound[]): Promise<void> {
      for (const [account, own] of byAccount(events, deps.accountsOf)) await takeOf(account, own);
    },
    async refused(statuses: readonly StatusEvent[]): Promise<void> {
      for (const { number, to, at, failure, suppressForMs } of statuses) {
        if (to === undefined || suppressForMs === undefined) continue;
        for (const { id } of deps.accountsOf(number)) {
          await deps.people.refused(id, to, failure?.code ?? '', suppressForMs, Date.parse(at));
        }
      }
    },
  };
}

/** Each event for each account of its number, in their order. */
function byAccount(events: readonly Inbound[], accountsOf: InboundDeps['accountsOf']): Map<InboundAccount, Inbound[]> {
  const all = new Map<string, [InboundAccount, Inbound[]]>();
  for (const event of events) {
    for (const account of accountsOf(event.number)) {
      const entry = all.get(account.id) ?? [account, []];
      entry[1].push(event);
      all.set(account.id, entry);
    }
  }
  return new Map(all.values());
}

function toEvent({ event, wish }: Heard): PersonEvent {
  const { from: who, alias, atMs } = event;
  const common = { who, ...(alias === undefined ? {} : { alias }), atMs, isUs: isOfUs(who) };
  if (event.kind === 'preference') return { ...common, act: event.value, how: byPreference };
  return { ...common, isInbound: true, how: byMessage, ...wanted(wish) };
}

function wanted(wish: Wish | undefined): Pick<PersonEvent, 'act' | 'topics' | 'breakingOnly' | 'language'> {
  switch (wish?.kind) {
    case 'start':
      return { act: 'start' };
    case 'stop':
      return { act: 'stop' };
    case 'all':
      return { act: 'start', topics: 'all', breakingOnly: false };
    case 'breaking':
      return { act: 'start', topics: 'all', breakingOnly: true };
    case 'topics':
      return { act: 'start', topics: wish.topics, breakingOnly: false };
    case 'language':
      return { act: 'language', language: wish.language };
    default:
      return { act: 'none' };
  }
}

function answerKind({ kind }: Wish, { verdict, wasSubscribed, person }: ToldPerson): AnswerKind | undefined {
  // A later will is known: an answer to this one would say what is not so.
  if (verdict === 'late') return undefined;
  if (kind === 'help') return 'help';
  if (kind === 'stop') return 'stopped';
  if (kind === 'language') return person.consent === 'subscribed' ? 'topics' : 'help';
  return wasSubscribed && kind !== 'start' ? 'topics' : 'subscribed';
}

function mutable({ text, choices }: ReturnType<typeof answerTo>): Pick<AnswerJob, 'text' | 'choices'> {
  return { text, ...(choices === undefined ? {} : { choices: [...choices] }) };
}
