import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Account, Channel } from '../../../src/core/channel.ts';
import type { Publisher } from '../../../src/core/platform.ts';
import type { PostPart, Receipt } from '../../../src/core/post.ts';
import { platforms } from '../../../src/platforms/index.ts';

const now = Date.now();
const at = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();
const asked: URL[] = [];
const open: { publisher: Publisher; server: Server }[] = [];

afterEach(async () => {
  asked.length = 0;
  for (const { publisher, server } of open.splice(0)) {
    await publisher.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Looks for a part on a server that answers lists of posts as told. */
async function look(
  id: string,
  part: Partial<PostPart>,
  list: (query: URLSearchParams) => unknown,
  { earlier = [], agoMs = 0 }: { earlier?: Receipt[]; agoMs?: number } = {},
): Promise<Receipt[]> {
  const platform = platforms[id];
  const server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '/', 'http://platform');
    asked.push(url);
    const isMe = url.pathname === '/2/users/me';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isMe ? { data: { id: '7', username: 'news' } } : list(url.searchParams)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (!platform) throw new Error(`There is no platform ${id}.`);
  const { account, channel: settings } = platform.example;
  const opened: Account = { id: 'account', platform: id, sandbox: false, apiRoot, settings: account };
  const publisher = platform.open(opened);
  open.push({ publisher, server });
  const channel: Channel = {
    id: 'channel',
    platform: id,
    account: 'account',
    filters: {},
    unconfirmed: 'hold',
    settings,
  };
  const whole: PostPart = { text: '', length: 0, limit: 280, unit: 'utf16', media: [], ...part };
  const post = { platform: id, parts: [whole, whole], edits: [], warnings: [] };
  const request = { post, part: earlier.length, channel, earlier, sinceMs: now - agoMs };
  return (await publisher.find?.(request, { signal: AbortSignal.timeout(5_000) })) ?? [];
}

const ids = async (found: Promise<Receipt[]>) => (await found).map(({ remoteId }) => remoteId);
const media = [{ url: 'https://news.example.com/picture.png' }];
const tweet = (post: object) => ({ data: [{ id: '11', created_at: at(1), ...post }], meta: { result_count: 1 } });
const link = (url: string, expanded_url: string, more: object = {}) => ({ url, expanded_url, ...more });

describe('a post on X', () => {
  it.each<[string, string, object]>([
    ['as it was sent', 'أ & ب <c> https://news.example.com/a', { text: 'أ & ب <c> https://news.example.com/a' }],
    ['as it was sent, entity and all', 'يكتب &amp; قبل <c>', { text: 'يكتب &amp; قبل <c>' }],
    ['with entities', 'أ & ب <c> 1 > 0', { text: 'أ &amp; ب &lt;c&gt; 1 &gt; 0' }],
    ['that spells out an entity', 'يكتب &amp; هكذا', { text: 'يكتب &amp;amp; هكذا' }],
    ['in another form of characters', 'cafe\u0301 مؤسسة', { text: 'café مؤسسة' }],
    ['without direction marks', '\u061cخبر \u2066SY24\u2069', { text: 'خبر SY24' }],
    ['with more of them', 'خبر SY24', { text: '\u200fخبر \u202aSY24\u202c' }],
    ['with other white space', 'سطر\n\nسطر  آخر', { text: 'سطر\nسطر آخر ' }],
    [
      'with a shortened address',
      'خبر https://News.example.com/a/?b=1&c=2',
      {
        text: 'خبر https://t.co/x1',
        entities: { urls: [link('https://t.co/x1', 'http://news.example.com/a/?b=1&c=2')] },
      },
    ],
    [
      'with positions that are wrong',
      '😀😀 https://a.example/1 ثم https://a.example/2 نهاية',
      {
        text: '😀😀 https://t.co/x1 ثم https://t.co/x12 نهاية',
        entities: {
          urls: [
            link('https://t.co/x1', 'https://a.example/1', { start: 0, end: 2 }),
            link('https://t.co/x12', 'https://a.example/2/', { start: 900, end: 923 }),
          ],
        },
      },
    ],
    [
      'with a domain made a link',
      'على sy24.com.',
      { text: 'على https://t.co/x1.', entities: { urls: [link('https://t.co/x1', 'http://sy24.com')] } },
    ],
    [
      'with an address in percent signs',
      'خبر https://news.example.com/خبر',
      {
        text: 'خبر https://t.co/x1',
        entities: { urls: [link('https://t.co/x1', 'https://news.example.com/%D8%AE%D8%A8%D8%B1')] },
      },
    ],
    ['without what a link stands for', 'خبر https://a.example/1', { text: 'خبر https://t.co/x1' }],
  ])('%s is found', async (_, text, shown) => {
    expect(await look('x', { text }, () => tweet(shown))).toEqual([
      { remoteId: '11', url: 'https://x.com/i/web/status/11', at: at(1) },
    ]);
  });

  it.each<[string, object]>([
    ['by its key', { entities: { urls: [link('https://t.co/p1', 'https://e.example/', { media_key: '3_1' })] } }],
    ['by its address', { entities: { urls: [link('https://t.co/p1', 'https://twitter.com/a/status/11/photo/1')] } }],
    ['by its name', { entities: { urls: [link('https://t.co/p1', '', { display_url: 'pic.twitter.com/p1' })] } }],
    ['by its place', {}],
  ])('is found beside the link to its picture, known %s', async (_, shown) => {
    expect(
      await ids(look('x', { text: 'خبر', media }, () => tweet({ text: 'خبر https://t.co/p1', ...shown }))),
    ).toEqual(['11']);
  });

  it.each<[string, string, object]>([
    ['another address', 'خبر https://a.example/1', { text: 'خبر https://a.example/2' }],
    [
      'another address, shortened',
      'خبر https://a.example/1',
      { text: 'خبر https://t.co/x1', entities: { urls: [link('https://t.co/x1', 'https://a.example/12')] } },
    ],
    ['no address', 'خبر https://a.example/1', { text: 'خبر' }],
    ['an address more', 'خبر', { text: 'خبر https://t.co/x1' }],
    ['the first half', 'خبر طويل', { text: 'خبر' }],
    ['the same in another case', 'Harbour', { text: 'harbour' }],
    ['the same letter by letter but for an entity', 'أ &amp; ب', { text: 'أ &amp; ب' }],
    ['the same below another post', 'خبر', { text: 'خبر', referenced_tweets: [{ type: 'replied_to', id: '5' }] }],
    ['the same, shown again', 'خبر', { text: 'خبر', referenced_tweets: [{ type: 'retweeted', id: '5' }] }],
    ['the same two minutes before', 'خبر', { text: 'خبر', created_at: at(120) }],
  ])('with %s is another', async (_, text, shown) => {
    expect(await look('x', { text }, () => tweet(shown))).toEqual([]);
  });

  it('is asked for by time, with replies, and who we are once', async () => {
    await look('x', { text: 'خبر' }, () => ({ meta: { result_count: 0 } }), { agoMs: 5_000 });
    expect(asked.map(({ pathname }) => pathname)).toEqual(['/2/users/me', '/2/users/7/tweets']);
    const { exclude, start_time: start, max_results: most } = Object.fromEntries(asked[1]?.searchParams ?? []);
    expect([exclude, most]).toEqual(['retweets', '100']);
    expect(start).toMatch(/^[\d-]+T[\d:]+Z$/);
    expect(Math.abs(now - 65_000 - Date.parse(start ?? ''))).toBeLessThan(1_001);
  });

  it('is found on a later page, oldest first, and below the part before', async () => {
    const replied_to = [{ type: 'replied_to', id: '5' }];
    const pages: Record<string, unknown> = {
      first: {
        data: [{ id: '13', text: 'خبر', created_at: at(1), referenced_tweets: replied_to }],
        meta: { next_token: 'n2' },
      },
      n2: { meta: { result_count: 0, next_token: 'n3' } },
      n3: {
        data: [
          { id: '9', text: 'خبر', created_at: at(2) },
          { id: '8', text: 'خبر', created_at: at(2), referenced_tweets: replied_to },
        ],
        meta: {},
      },
    };
    const list = (query: URLSearchParams) => pages[query.get('pagination_token') ?? 'first'];
    const earlier = [{ remoteId: '5', at: at(3) }];
    expect(await ids(look('x', { text: 'خبر' }, list, { earlier }))).toEqual(['8', '13']);
    expect(await ids(look('x', { text: 'خبر' }, list))).toEqual(['9']);
  });

  it('comes before another of the same second that was made later', async () => {
    const data = ['10', '9'].map((id) => ({ id, text: 'خبر', created_at: at(1) }));
    expect(await ids(look('x', { text: 'خبر' }, () => ({ data, meta: {} })))).toEqual(['9', '10']);
  });

  it('in an answer that does not tell what answers what is found by its text', async () => {
    const earlier = [{ remoteId: '5', at: at(3) }];
    expect(await ids(look('x', { text: 'خبر' }, () => tweet({ text: 'خبر' }), { earlier }))).toEqual(['11']);
    expect(await ids(look('x', { text: 'خبر' }, () => tweet({ id: '5', text: 'خبر' }), { earlier }))).toEqual([]);
  });

  it('cannot be judged without a time, or in a list without end', async () => {
    const timeless = look('x', { text: 'خبر' }, () => tweet({ text: 'خبر', created_at: undefined }));
    await expect(timeless).rejects.toMatchObject({ failure: 'unavailable', code: 'unreadable' });
    const circle = () => ({ ...tweet({ text: 'آخر' }), meta: { next_token: 'same' } });
    await expect(look('x', { text: 'خبر' }, circle)).rejects.toMatchObject({ failure: 'unavailable' });
    expect(asked.length).toBeLessThan(10);
    let page = 0;
    const endless = () => ({ ...tweet({ text: 'آخر' }), meta: { next_token: `p${++page}` } });
    await expect(look('x', { text: 'خبر' }, endless)).rejects.toMatchObject({ failure: 'unavailable' });
    expect(page).toBeLessThan(50);
  });

  it('in a list that goes on to old ones is not looked for further than needed', async () => {
    let page = 0;
    const list = () => ({ ...tweet({ text: 'آخر', created_at: at(3_600) }), meta: { next_token: `p${++page}` } });
    expect(await look('x', { text: 'خبر' }, list)).toEqual([]);
    expect(page).toBe(1);
  });
});

const facebookTime = (secondsAgo: number) => at(secondsAgo).replace(/\.\d+Z$/, '+0000');
const wall = (...posts: object[]) => ({
  data: posts.map((post) => ({ id: '1_11', created_time: facebookTime(1), ...post })),
});
const attached = (attachment: object) => ({ attachments: { data: [attachment] } });
const shim = `https://l.facebook.com/l.php?u=${encodeURIComponent('https://a.example/1')}&h=AT`;

describe('a post on Facebook', () => {
  it('is found by its text, with a time of whole seconds', async () => {
    const [found] = await look('facebook', { text: 'cafe\u0301  خبر' }, () => wall({ message: '\u200fcafé خبر\n' }));
    expect(found).toEqual({
      remoteId: '1_11',
      url: 'https://www.facebook.com/1_11',
      at: new Date(Math.floor((now - 1_000) / 1_000) * 1_000).toISOString(),
    });
    const { since, limit } = Object.fromEntries(asked[0]?.searchParams ?? []);
    expect([Number(since), limit]).toEqual([Math.floor((now - 60_000) / 1_000), '100']);
  });

  it.each([
    ['a link', { link: 'https://a.example/1' }, attached({ unshimmed_url: 'http://A.example/1/' })],
    ['a link behind a page of Facebook’s', { link: 'https://a.example/1' }, attached({ url: shim })],
    ['a link as a target', { link: 'https://a.example/1' }, attached({ target: { url: shim } })],
    ['a picture', { media }, attached({ media_type: 'photo' })],
  ])('without words is found by %s', async (_, part, shown) => {
    expect(await ids(look('facebook', part, () => wall(shown)))).toEqual(['1_11']);
    expect(await look('facebook', part, () => wall({ ...shown, message: 'غيره' }))).toEqual([]);
    expect(await look('facebook', part, () => wall(attached({ unshimmed_url: 'https://a.example/2' })))).toEqual([]);
  });

  it('with our link goes before one with the same words', async () => {
    const posts = [
      { id: '1_13', message: 'خبر' },
      { id: '1_12', message: 'خبر', ...attached({ unshimmed_url: 'https://a.example/1' }) },
    ];
    const part = { text: 'خبر', link: 'https://a.example/1' };
    expect(await ids(look('facebook', part, () => wall(...posts)))).toEqual(['1_12']);
    // Facebook may show another address than the one it was given.
    expect(await ids(look('facebook', { ...part, link: 'https://a.example/9' }, () => wall(...posts)))).toEqual([
      '1_12',
      '1_13',
    ]);
  });

  it('is found on a later page, which is asked at our own address', async () => {
    const full = Array.from({ length: 100 }, (_, index) => ({ id: `1_${200 - index}`, message: 'آخر' }));
    for (const paging of [
      { next: 'https://elsewhere.example/v26.0/1/published_posts?access_token=other&after=c2&limit=100' },
      { cursors: { after: 'c2' } },
    ]) {
      asked.length = 0;
      const list = (query: URLSearchParams) =>
        query.get('after') === 'c2' ? wall({ message: 'خبر' }) : { ...wall(...full), paging };
      expect(await ids(look('facebook', { text: 'خبر' }, list))).toEqual(['1_11']);
      expect(asked).toHaveLength(2);
      expect(asked[1]?.searchParams.has('access_token')).toBe(false);
    }
  });

  it('two minutes before is another, and one without a time cannot be judged', async () => {
    expect(
      await look('facebook', { text: 'خبر' }, () => wall({ message: 'خبر', created_time: facebookTime(120) })),
    ).toEqual([]);
    const timeless = look('facebook', { text: 'خبر' }, () => wall({ message: 'خبر', created_time: 'today' }));
    await expect(timeless).rejects.toMatchObject({ failure: 'unavailable' });
  });

  it('cannot be looked for without the permission, which is no fault of the account', async () => {
    const server = () => ({ error: { code: 10, message: '(#10) This endpoint requires a permission' } });
    await expect(look('facebook', { text: 'خبر' }, server)).rejects.toMatchObject({ failure: 'rejected', code: '10' });
  });
});
