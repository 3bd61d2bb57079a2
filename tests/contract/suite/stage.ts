import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { Article } from '../../../src/core/article.ts';
import type { Account, Channel } from '../../../src/core/channel.ts';
import { PublishError } from '../../../src/core/errors.ts';
import type { Call, EditRequest, Publisher, SendRequest } from '../../../src/core/platform.ts';
import type { Media, Receipt } from '../../../src/core/post.ts';
import { type Gateway, startGateway } from './gateway.ts';
import type { Simulation, Subject } from './subject.ts';

/** Long enough that only a client which ignores its deadline reaches it. */
const patienceMs = 5_000;

/** A message that is live, and what it was sent as. */
export interface Live {
  request: SendRequest;
  receipt: Receipt;
}

/** Everything one check works with; nothing of it is shared with other checks. */
export interface Stage {
  subject: Subject;
  simulation: Simulation;
  gateway: Gateway;
  account: Account;
  channel: Channel;
  publisher: Publisher;
  /** A request to send a new article, uploads done. */
  request(article?: Partial<Article>): Promise<SendRequest>;
  send(request: SendRequest, call?: Partial<Call>): Promise<Receipt>;
  /** Sends a new article. */
  post(article?: Partial<Article>): Promise<Live>;
  /** Has a live message show another article, one unlike all before it where none is given; resolves to the new text. */
  edit(live: Live, article?: Partial<Article>, call?: Partial<Call>): Promise<{ text: string; receipt: Receipt }>;
  /** Has a live message show what is composed already. */
  change(live: Live, post: Pick<EditRequest, 'post' | 'part'>, call?: Partial<Call>): Promise<Receipt>;
  remove(live: Live, call?: Partial<Call>): Promise<Receipt>;
  /** What `work` threw; fails where it resolved, threw something else, or named a secret. */
  errorOf(work: Promise<unknown>): Promise<PublishError>;
  /** What is found of the part, looked for since `sinceMs` (now, where not given). */
  find(request: SendRequest, sinceMs?: number, call?: Partial<Call>): Promise<Receipt[]>;
  /** What `find` threw; fails as `failure` does. */
  lookFailure(request: SendRequest, call?: Partial<Call>): Promise<PublishError>;
  /** What `send` threw; fails where it resolved, threw something else, or named a secret. */
  failure(request: SendRequest, call?: Partial<Call>): Promise<PublishError>;
}

interface Options {
  account?: Record<string, unknown> | undefined;
  channel?: Record<string, unknown> | undefined;
  prefix?: string;
  /** The client's base address, from that of the gateway. */
  root?: (gateway: string) => string;
}

/** Opens the platform against its simulation, runs `work`, and closes all. */
export async function onStage<T>(
  subject: Subject,
  work: (stage: Stage) => Promise<T>,
  options: Options = {},
): Promise<T> {
  const simulation = await subject.simulate();
  const gateway = await startGateway(simulation.root, options.prefix === undefined ? {} : { prefix: options.prefix });
  const { platform } = subject;
  const account: Account = {
    id: 'account',
    platform: platform.id,
    sandbox: false,
    apiRoot: options.root?.(gateway.root) ?? gateway.root,
    settings: options.account ?? platform.example.account,
  };
  const channel = channelOf(subject, options.channel);
  const publisher = platform.open(account);
  const send = (request: SendRequest, call: Partial<Call> = {}) =>
    settled(publisher.send(request, { signal: AbortSignal.timeout(patienceMs), ...call }));
  const find = async (
    { post, part, earlier, replyTo }: SendRequest,
    sinceMs = Date.now(),
    call: Partial<Call> = {},
  ): Promise<Receipt[]> => {
    assert(publisher.find, `${platform.id} cannot be asked`);
    const request = { post, part, channel, earlier, sinceMs, ...(replyTo ? { replyTo } : {}) };
    return settled(publisher.find(request, { signal: AbortSignal.timeout(patienceMs), ...call }));
  };
  const errorOf = async (work: Promise<unknown>): Promise<PublishError> => {
    const error = await work.then(
      (result) => assert.fail(`it resolved to ${JSON.stringify(result)}`),
      (error: unknown) => error,
    );
    assert(error instanceof PublishError, `it threw ${inspect(error)}, which is no PublishError`);
    assertSecret(subject, account, error);
    return error;
  };
  const within = (call: Partial<Call>): Call => ({ signal: AbortSignal.timeout(patienceMs), ...call });
  const about = ({ request: { channel, recipient }, receipt: live }: Live) => ({
    ...{ channel, live },
    ...(recipient === undefined ? {} : { recipient }),
  });
  const request = (article?: Partial<Article>) => prepare(subject, channel, publisher, article);
  const change = (live: Live, { post, part }: Pick<EditRequest, 'post' | 'part'>, call: Partial<Call> = {}) => {
    assert(publisher.edit, `${platform.id} has no edits`);
    const [before] = live.request.post.parts;
    assert(before);
    return settled(publisher.edit({ ...about(live), before, post, part }, within(call)));
  };
  try {
    return await work({
      subject,
      simulation,
      gateway,
      account,
      channel,
      publisher,
      send,
      request,
      async post(article) {
        const sent = await request(article);
        return { request: sent, receipt: await send(sent) };
      },
      async edit(live, article = {}, call = {}) {
        const { url, ...given } = { ...newArticle(), images: live.request.post.parts[0]?.media ?? [], ...article };
        const post = platform.compose({ ...given, ...(url ? { url } : {}) }, channel);
        return { text: post.parts[0]?.text ?? '', receipt: await change(live, { post, part: 0 }, call) };
      },
      change,
      remove(live, call = {}) {
        assert(publisher.remove, `nothing can be removed on ${platform.id}`);
        return settled(publisher.remove(about(live), within(call)));
      },
      errorOf,
      find,
      failure: (request, call) => errorOf(send(request, call)),
      lookFailure: (request, call) => errorOf(find(request, undefined, call)),
    });
  } finally {
    await publisher.close();
    await gateway.close();
    await simulation.close();
  }
}

/** A promise that outlives its deadline by far is a finding, not a hanging suite. */
async function settled<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it is still running, long after its deadline')), patienceMs + 2_000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export function channelOf(
  { platform }: Subject,
  settings: Record<string, unknown> = platform.example.channel,
): Channel {
  return { id: 'channel', platform: platform.id, account: 'account', filters: {}, unconfirmed: 'hold', settings };
}

let serial = 0;

/** An article unlike all before it: two paragraphs in Arabic, with an address. */
export function newArticle(): Article {
  serial += 1;
  return {
    id: `article-${serial}`,
    version: 1,
    url: `https://news.example.com/stories/${serial}`,
    title: `افتتاح مكتبة المرفأ رقم ${serial} أمام القراء`,
    paragraphs: ['فتحت المكتبة أبوابها صباح اليوم.', 'تضم المكتبة ألفي كتاب و"ركنًا" للأطفال.'],
    language: 'ar',
    direction: 'rtl',
    images: [],
    tags: [],
    priority: 'normal',
  };
}

async function prepare(
  { platform }: Subject,
  channel: Channel,
  publisher: Publisher,
  article: Partial<Article> = {},
): Promise<SendRequest> {
  const { url, ...given } = { ...newArticle(), ...article };
  const post = platform.compose({ ...given, ...(url ? { url } : {}) }, channel);
  const media = post.parts.flatMap((part) => part.media.map(() => picture()));
  const recipient = platform.recipients?.(channel)?.[0];
  const request = {
    deliveryId: `delivery-${++serial}`,
    post,
    part: 0,
    channel,
    ...(recipient === undefined ? {} : { recipient }),
    media,
    earlier: [],
  };
  const uploads =
    media.length === 0 ? [] : await publisher.upload?.(request, { signal: AbortSignal.timeout(patienceMs) });
  return { ...request, uploads: uploads ?? [] };
}

const png = readFileSync(new URL('../../../examples/images/03-night-train.png', import.meta.url));

/** A small picture with a description. */
export function picture(): Media {
  return { bytes: png, mimeType: 'image/png', width: 10, height: 10, alt: 'قطار في الليل', hash: `hash-${++serial}` };
}

/** Values that must never be seen: the account's secrets, plain and as an address has them. */
export function secretsOf({ platform }: Subject, { settings }: Account): string[] {
  return platform.secrets
    .map((key) => settings[key])
    .filter((value): value is string => typeof value === 'string')
    .flatMap((value) => [value, encodeURIComponent(value)]);
}

function assertSecret(subject: Subject, account: Account, error: PublishError): void {
  const seen = `${error.message}\n${error.stack}\n${inspect(error, { depth: 10, showHidden: true })}`;
  const leaked = secretsOf(subject, account).filter((secret) => seen.includes(secret));
  assert.deepEqual(leaked, [], `an error of ${subject.platform.id} names a secret: ${error.message}`);
}
