import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Channel } from '../../../src/core/channel.ts';
import { UnavailableError } from '../../../src/core/errors.ts';
import type { Platform } from '../../../src/core/platform.ts';
import { asReading } from '../../../src/platforms/shared/reading.ts';
import { articleFor, composeStory, linkThatFits } from '../../../src/platforms/shared/story.ts';
import { plainMarks } from '../../../src/text/bidi.ts';
import { measureUtf16 } from '../../../src/text/measure.ts';
import type { Medium } from '../../../src/text/medium.ts';
import {
  answerChange,
  type ChangeDefect,
  changeDefects,
  createSampleChanges,
  sampleChangeableMs,
} from './sample-changes.ts';
import { type ClientDefect, clientDefects, createSampleClient, type SampleClient } from './sample-client.ts';
import type { AnswerCase, ChangeCase, Simulation, Subject } from './subject.ts';

export const postDefects = [
  'posts twice',
  'forgets the post before',
  'forgets what it answers',
  'answers one message with every part',
  'forgets pictures',
  'publishes while it uploads',
  'publishes while it identifies',
  'names the token in the receipt',
  'counts up to another limit',
  'leaves an empty line for a missing address',
  'composes at random',
  'changes the article',
  'shows another text than it composed',
  'stops at a sign',
  'finds nothing',
  'remembers that nothing was there',
  'finds any post',
  'finds posts from long before',
  'finds a part anywhere',
  'finds an answer anywhere',
  'reads the first page only',
  'takes a failed look for nothing',
  'leaves a failed look a maybe',
  'publishes while it looks',
] as const;
type Defect = ClientDefect | ChangeDefect | (typeof postDefects)[number];
export const defects: readonly Defect[] = [...clientDefects, ...postDefects, ...changeDefects];

const limit = 500;
const account = z.strictObject({ token: z.string() });

const layout = { name: 'the template of the bulletin', source: '{{ headline }}\n\n{{ summary }}\n\n{{ link }}' };

function mediumUpTo(most: number): Medium {
  const form = { limit: most, summary: most };
  return {
    name: 'Bulletin',
    forms: { photo: form, text: form, headline: form },
    ladder: ['photo', 'text', 'headline'],
    hashtags: 0,
    measure: (text) => text.length,
    layout,
    marks: plainMarks,
    paragraphBreak: '\n\n',
    background: true,
  };
}

/** A platform that does not exist, written as a new one would be; with `defect`, it gets one thing wrong. */
export function samplePlatform(defect?: Defect): Platform {
  const has = (one: Defect) => one === defect;
  return {
    id: 'bulletin',
    name: 'Bulletin',
    limits: { text: limit, caption: limit, unit: 'utf16' },
    media: { types: ['image/png'], maxBytes: 1_000_000 },
    corrections: ['edit', 'reply', 'repost', 'leave'],
    account,
    secrets: ['token'],
    credentials: [['token']],
    channel: z.strictObject({}),
    targetKeys: [],
    example: { account: { token: 'sample token/with+signs' }, channel: {} },
    rates: [],
    rateKey: () => undefined,
    measure: (text) => measureUtf16(text, limit),
    layout: layout.source,
    compose(given, channel) {
      const article = articleFor(given, channel);
      const most = has('counts up to another limit') ? limit + 20 : limit;
      const { link, warnings } = linkThatFits(article, channel, (link) => link.length + 3 <= most);
      const post = composeStory(article, channel as unknown as Channel, mediumUpTo(most), {
        platform: 'bulletin',
        unit: 'utf16',
        link,
        preview: link,
      });
      if (has('changes the article')) given.paragraphs.push('More.');
      if (has('composes at random')) warnings.push(String(Math.random()));
      const gap = has('leaves an empty line for a missing address') && link === undefined ? '\n\n' : '';
      const parts = post.parts.map((part) => ({ ...part, text: part.text + gap, limit }));
      return { ...post, parts, warnings: [...warnings, ...post.warnings] };
    },
    open({ apiRoot = '', settings }) {
      const { token } = account.parse(settings);
      const client = createSampleClient(apiRoot, token, has);
      const nothing = new Set<string | undefined>();
      let newest = '';
      const post = (body: object, call: Parameters<typeof client.call>[3]) => client.call('POST', '/posts', body, call);
      return {
        ...createSampleChanges({ client, limit, token, has, newest: () => newest }),
        async upload({ media }, call) {
          if (has('publishes while it uploads')) await post({ text: 'soon' }, call);
          return media.map(({ hash }) => hash);
        },
        async send({ post: { parts }, part, uploads, earlier, replyTo: answered }, call) {
          const composed = parts[part]?.text ?? '';
          const other = has('shows another text than it composed') ? composed.toUpperCase() : composed;
          const text = has('stops at a sign') ? (other.split('<')[0] ?? '') : other;
          const pictures = has('forgets pictures') ? 0 : uploads.length;
          const before = has('forgets the post before') ? undefined : earlier.at(-1);
          const first = has('forgets what it answers') ? undefined : answered;
          const inTurn = has('answers one message with every part') ? (first ?? before) : (before ?? first);
          const replyTo = inTurn?.remoteId;
          const body = { text, pictures, ...(replyTo === undefined ? {} : { replyTo }) };
          if (has('posts twice')) await post(body, call);
          const remoteId = String((await post(body, call)).id);
          newest = remoteId;
          const secret = has('names the token in the receipt') ? `?token=${encodeURIComponent(token)}` : '';
          return { remoteId, url: `https://bulletin.example.com/${remoteId}${secret}`, at: new Date().toISOString() };
        },
        async find({ post: { parts }, part, earlier, replyTo: answered, sinceMs }, { signal }) {
          const answers = has('finds an answer anywhere') ? undefined : answered;
          const isAnywhere = has('finds a part anywhere') || (answered !== undefined && !answers);
          if (has('finds nothing')) return [];
          if (has('publishes while it looks')) await post({ text: 'anybody?' }, { signal });
          if (has('remembers that nothing was there') && nothing.has(parts[part]?.text)) return [];
          const read = () => readPosts(client, signal, has('reads the first page only'));
          const look = has('leaves a failed look a maybe') ? read() : asReading(read);
          const posts = await look.catch((error: unknown) => {
            if (has('takes a failed look for nothing')) return [];
            throw error;
          });
          const found = posts
            .filter(({ text }) => has('finds any post') || text === parts[part]?.text)
            .filter(({ replyTo }) => isAnywhere || replyTo === (earlier.at(-1) ?? answers)?.remoteId)
            .filter(({ at }) => has('finds posts from long before') || Date.parse(at) >= sinceMs - 60_000);
          if (found.length === 0) nothing.add(parts[part]?.text);
          return found.map(({ id, at }) => ({ remoteId: id, url: `https://bulletin.example.com/${id}`, at }));
        },
        async identify(call) {
          if (has('publishes while it identifies')) return String((await post({ text: 'hello' }, call)).id);
          return String((await client.call('GET', '/me', undefined, call)).name);
        },
        close: async () => client.close(),
      };
    },
  };
}

type Listed = ReturnType<Simulation['shown']>[number] & { at: string };

/** All posts, page by page. */
async function readPosts(client: SampleClient, signal: AbortSignal, onlyFirst: boolean): Promise<Listed[]> {
  const all: Listed[] = [];
  let from: unknown = '0';
  while (typeof from === 'string') {
    const answer = await client.call('GET', `/posts?from=${from}`, undefined, { signal });
    if (!Array.isArray(answer.posts)) throw new UnavailableError('The bulletin lists no posts.');
    all.push(...answer.posts);
    from = onlyFirst ? undefined : answer.next;
  }
  return all;
}

/** Documented answers of the sample. */
export const sampleAnswers = (): AnswerCase[] => [
  {
    status: 429,
    headers: { 'retry-after': '30' },
    body: {},
    is: 'rate-limited',
    scope: 'account',
    retryAfterMs: 30_000,
  },
  { status: 400, body: { error: 'too long' }, is: 'rejected', code: '400' },
  { status: 401, body: {}, is: 'unauthorized' },
];

/** The same of edits and removals. */
export const sampleChanges = (): ChangeCase[] =>
  (['edit', 'remove'] as const).flatMap((to) => sampleAnswers().map((one) => ({ ...one, to })));

export function sampleSubject(defect?: Defect): Subject {
  return {
    platform: samplePlatform(defect),
    simulate: simulateSample,
    answers: sampleAnswers,
    replies: true,
    changeAnswers: sampleChanges,
    changeable: { edit: sampleChangeableMs, remove: sampleChangeableMs },
  };
}

/** Its own simulated server: `POST /posts`, `PUT` and `DELETE /posts/:id`, `GET /me`. */
async function simulateSample(): Promise<Simulation> {
  const posts: Listed[] = [];
  let serial = 0;
  let ageMs = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.setHeader('content-type', 'application/json');
    if (request.method === 'GET' && request.url === '/me') return void response.end('{"name":"The bulletin"}');
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bulletin');
    if (request.method === 'GET' && pathname === '/posts') {
      const from = Number(searchParams.get('from') ?? 0);
      const page = posts.toReversed().slice(from, from + 50);
      const more = from + 50 < posts.length ? { next: String(from + 50) } : {};
      return void response.end(JSON.stringify({ name: 'posts', posts: page, ...more }));
    }
    const body = Buffer.concat(chunks).toString();
    if (request.method !== 'POST') return answerChange(posts, request, { body, response, limit, ageMs });
    if (request.url !== '/posts') return void response.writeHead(404).end('{}');
    const { text = '', pictures = 0, replyTo: answered } = JSON.parse(body);
    if (text.length > limit) return void response.writeHead(400).end('{"error":"too long"}');
    serial += 1;
    const id = `post-${serial}`;
    const replyTo = posts.find((post) => post.id === answered)?.id;
    posts.push({ id, text, pictures, replyTo, at: new Date().toISOString() });
    response.writeHead(201).end(JSON.stringify({ id }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    root: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shown: () => [...posts],
    age: (ms) => {
      ageMs = ms;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
