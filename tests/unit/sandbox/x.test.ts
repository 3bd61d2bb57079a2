import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, type CallOptions, type Fields, formOf, openSandbox, png } from './asking.ts';

let at: Asked;
beforeAll(async () => {
  at = await openSandbox();
});
afterAll(() => at.sandbox.close());
beforeEach(() => at.resetAll());

const authorization = 'Bearer 77-token';
const ask = (method: string, path: string, options: CallOptions = {}) =>
  at.call('x', method, path, { ...options, headers: { authorization, ...options.headers } });
const post = (json: Fields, headers: Record<string, string> = {}) => ask('POST', '/2/tweets', { json, headers });
const idOf = async (json: Fields) => ((await post(json)).json.data as unknown as { id: string }).id;

async function upload(bytes: Buffer, fields: Record<string, string> = { media_category: 'tweet_image' }) {
  const answer = await ask('POST', '/2/media/upload', { form: formOf(fields, { media: bytes }) });
  return { ...answer, id: (answer.json.data as unknown as { id?: string } | undefined)?.id ?? '' };
}

describe('a post on X', () => {
  it('is answered with 201, its id and the limit, and recorded', async () => {
    const answer = await post({ text: 'خبر https://example.org/a' });
    expect(answer).toMatchObject({ status: 201, json: { data: { text: 'خبر https://example.org/a' } } });
    expect(answer.headers.get('x-rate-limit-remaining')).toBe('99');
    expect(Number(answer.headers.get('x-rate-limit-reset'))).toBeGreaterThan(Date.now() / 1000);
    const [recorded] = await at.posts('x');
    expect(recorded).toMatchObject({
      target: '77',
      length: 27,
      limit: 280,
      unit: 'weighted',
      link: 'https://example.org/a',
    });
  });

  it.each([
    ['280 letters', 'م'.repeat(280), 201],
    ['281 letters', 'م'.repeat(281), 403],
    ['140 signs that weigh two', '漢'.repeat(140), 201],
    ['141 signs that weigh two', '漢'.repeat(141), 403],
    ['an address of any length as 23', `${'م'.repeat(256)} https://example.org/${'a'.repeat(400)}`, 201],
    ['an address that is too much', `${'م'.repeat(257)} https://example.org/${'a'.repeat(400)}`, 403],
    ['140 families', '👨‍👩‍👧‍👦'.repeat(140), 201],
    ['a character that is forbidden', 'م\uFEFF', 403],
    ['nothing', ' ', 400],
    ['two cashtags', '$AAPL $MSFT', 403],
  ])('with %s', async (_, text, status) => {
    expect((await post({ text })).status).toBe(status);
  });

  it('has no fields but those of the documentation', async () => {
    expect((await post({ text: 'أ', status: 'ب' })).json).toMatchObject({
      title: 'Invalid Request',
      type: 'https://api.x.com/2/problems/invalid-request',
      detail: expect.stringContaining('[status]'),
    });
    expect((await post({ text: 'أ', media: { ids: ['1'] } })).status).toBe(400);
    expect((await post({ text: 'أ', reply: { to: '1' } })).status).toBe(400);
    expect((await post({ text: 5 })).status).toBe(400);
    expect((await post({ text: 'أ', quote_tweet_id: '1' })).status).toBe(403);
    const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask('POST', '/2/tweets', { body: 'text=a', headers: urlencoded })).status).toBe(415);
    expect(await at.posts('x')).toEqual([]);
  });

  it('is refused a second time, but not after the first was deleted, nor from another user', async () => {
    const id = await idOf({ text: 'خبر' });
    expect((await post({ text: 'خبر' })).json).toEqual({
      title: 'Forbidden',
      detail: 'You are not allowed to create a Tweet with duplicate content.',
      type: 'about:blank',
      status: 403,
    });
    expect((await post({ text: 'خبر' }, { authorization: 'Bearer 78-token' })).status).toBe(201);
    expect((await ask('DELETE', `/2/tweets/${id}`)).json).toEqual({ data: { deleted: true } });
    expect((await post({ text: 'خبر' })).status).toBe(201);
    await at.faults('x', { allowDuplicates: true });
    expect((await post({ text: 'خبر' })).status).toBe(201);
  });

  it('answers a post that is there', async () => {
    const id = await idOf({ text: 'خبر' });
    expect((await post({ text: 'تصحيح', reply: { in_reply_to_tweet_id: id } })).status).toBe(201);
    expect((await post({ text: 'آخر', reply: { in_reply_to_tweet_id: '12345' } })).status).toBe(403);
    await ask('DELETE', `/2/tweets/${id}`);
    expect((await post({ text: 'آخر', reply: { in_reply_to_tweet_id: id } })).status).toBe(403);
    expect((await at.posts('x')).at(-1)).toMatchObject({ text: 'تصحيح', replyTo: id });
  });

  it('is deleted by its own user only', async () => {
    const id = await idOf({ text: 'خبر' });
    const remove = (authorization: string) => ask('DELETE', `/2/tweets/${id}`, { headers: { authorization } });
    expect((await remove('Bearer 78-token')).status).toBe(403);
    expect((await remove('Bearer 77-other')).status).toBe(200);
    expect((await remove('Bearer 77-other')).status).toBe(404);
  });
});

describe('a picture on X', () => {
  it('is uploaded, described and posted, with or without words', async () => {
    const { id } = await upload(png(640, 360));
    const metadata = { alt_text: { text: 'حديقة' } };
    expect((await ask('POST', '/2/media/metadata', { json: { id, metadata } })).status).toBe(200);
    expect((await post({ text: 'خبر', media: { media_ids: [id] } })).status).toBe(201);
    expect((await post({ media: { media_ids: [id] } })).status).toBe(201);
    expect((await post({ media: { media_ids: [id] } })).status).toBe(201);
    const [first] = await at.posts('x');
    expect(first?.media).toMatchObject([{ mimeType: 'image/png', width: 640, height: 360, alt: 'حديقة' }]);
  });

  it('is uploaded in pieces', async () => {
    const step = (path: string, options: CallOptions) => ask('POST', `/2/media/upload/${path}`, options);
    const bytes = png(100, 50);
    const begun = await step('initialize', {
      json: { media_type: 'image/png', total_bytes: bytes.length, media_category: 'tweet_image' },
    });
    const { id } = begun.json.data as unknown as { id: string };
    expect((await post({ text: 'أ', media: { media_ids: [id] } })).status).toBe(400);
    for (const [index, piece] of [bytes.subarray(0, 30), bytes.subarray(30)].entries()) {
      await step(`${id}/append`, { form: formOf({ segment_index: String(index) }, { media: piece }) });
    }
    expect((await step(`${id}/finalize`, {})).json).toMatchObject({ data: { id, size: bytes.length } });
    expect((await post({ text: 'أ', media: { media_ids: [id] } })).status).toBe(201);
    expect((await step('999/append', { form: formOf({}, { media: bytes }) })).status).toBe(400);
  });

  it('must be one, of a user’s own, up to four', async () => {
    const { id } = await upload(png());
    expect((await upload(Buffer.from('not a picture'.repeat(9)))).status).toBe(400);
    expect((await upload(png(), {})).status).toBe(400);
    const media = (media_ids: unknown) => post({ text: 'أ', media: { media_ids } });
    for (const bad of [[], ['1'], [Number(id)], Array(5).fill(id), id]) expect((await media(bad)).status).toBe(400);
    const other = await post({ text: 'أ', media: { media_ids: [id] } }, { authorization: 'Bearer 78-token' });
    expect(other).toMatchObject({ status: 400, json: { detail: 'Your media IDs are invalid.' } });
    const long = { id, metadata: { alt_text: { text: 'م'.repeat(1001) } } };
    expect((await ask('POST', '/2/media/metadata', { json: long })).status).toBe(400);
  });
});

describe('who posts on X', () => {
  const signed = (leaveOut = '') =>
    `OAuth ${['consumer_key', 'nonce', 'signature', 'signature_method', 'timestamp', 'token', 'version']
      .filter((name) => name !== leaveOut)
      .map((name) => `oauth_${name}="${name === 'token' ? '42-abc' : 'x'}"`)
      .join(', ')}`;

  it('is a bearer, or gives a whole OAuth 1.0a header', async () => {
    expect((await post({ text: 'أ' }, { authorization: signed() })).status).toBe(201);
    expect((await at.posts('x'))[0]?.target).toBe('42');
    for (const bad of ['', 'Basic abc', 'Bearer ', ...['token', 'signature', 'nonce', 'consumer_key'].map(signed)]) {
      expect(await post({ text: 'ب' }, { authorization: bad })).toMatchObject({
        status: 401,
        json: { title: 'Unauthorized' },
      });
    }
  });

  const basic = (id: string) => ({ authorization: `Basic ${Buffer.from(`${id}:secret`).toString('base64')}` });
  const token = (fields: Record<string, string>, headers: Record<string, string> = basic('app')) =>
    at.call('x', 'POST', '/2/oauth2/token', {
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  const refresh = (refresh_token: string, headers?: Record<string, string>) =>
    token({ grant_type: 'refresh_token', refresh_token }, headers);
  const me = (access: unknown) => ask('GET', '/2/users/me', { headers: { authorization: `Bearer ${String(access)}` } });

  it('refreshes a token once, and stays the same user', async () => {
    const { json, status } = await refresh('77-refresh');
    expect(status).toBe(200);
    expect(json).toMatchObject({ token_type: 'bearer', expires_in: 7200, scope: expect.any(String) });
    expect(await refresh('77-refresh')).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect((await me(json.access_token)).json.data).toMatchObject({ id: '77' });
    expect((await refresh(String(json.refresh_token))).status).toBe(200);
  });

  it('is refused with a token that has ended, and where only given ones are let in', async () => {
    await at.settings('x', { tokenSeconds: 0.2 });
    const { json } = await refresh('77-refresh');
    expect(json.expires_in).toBe(0.2);
    expect((await me(json.access_token)).status).toBe(200);
    await expect.poll(async () => (await me(json.access_token)).status).toBe(401);
    await at.settings('x', { tokenSeconds: 60, givenTokensOnly: true });
    expect((await me('77-token')).status).toBe(401);
    const { json: next } = await refresh(String(json.refresh_token));
    expect((await me(next.access_token)).status).toBe(200);
  });

  it('gets tokens only as the app they were given to, in the form of OAuth 2', async () => {
    const { json } = await refresh('77-refresh');
    const next = String(json.refresh_token);
    const errors = [
      await refresh(next, {}),
      await refresh(next, { authorization: 'Basic bm9jb2xvbg==' }),
      await refresh(next, basic('another')),
      await token({ refresh_token: next }),
      await token({ grant_type: 'password', refresh_token: next }),
      await token({ grant_type: 'refresh_token' }),
      await at.call('x', 'POST', '/2/oauth2/token', { json: { grant_type: 'refresh_token' }, headers: basic('app') }),
    ];
    expect(errors.map(({ status, json: { error } }) => [status, error])).toEqual([
      [401, 'unauthorized_client'],
      [401, 'unauthorized_client'],
      [400, 'invalid_grant'],
      [400, 'invalid_request'],
      [400, 'unsupported_grant_type'],
      [400, 'invalid_request'],
      [400, 'invalid_request'],
    ]);
    expect((await token({ grant_type: 'refresh_token', refresh_token: next, client_id: 'app' }, {})).status).toBe(200);
  });

  it('is told of by no token in the list of requests', async () => {
    const { json } = await refresh('77-refresh');
    await me(json.access_token);
    const log = JSON.stringify(await (await fetch(`${at.root('x')}/_sandbox/requests`)).json());
    expect(log).toContain('POST /2/oauth2/token');
    for (const secret of ['77-refresh', json.access_token, json.refresh_token]) expect(log).not.toContain(secret);
  });
});

describe('a timeline on X', () => {
  interface Timeline {
    data?: { id: string; text: string; created_at: string; entities?: { urls: Fields[] } }[];
    meta: { result_count: number; next_token?: string };
  }
  const read = async (query: string) => {
    const answer = await ask('GET', `/2/users/77/tweets?${query}`);
    return { status: answer.status, ...(answer.json as unknown as Timeline) };
  };

  it('gives addresses as t.co links beside what they stand for, and signs as entities', async () => {
    await post({ text: 'أ & ب < https://example.org/a?b=1&c=2 و sy24.com' });
    const { data: [shown] = [] } = await read('max_results=5&tweet.fields=created_at,entities');
    const [first, second] = shown?.entities?.urls ?? [];
    expect(first).toMatchObject({ expanded_url: 'https://example.org/a?b=1&c=2' });
    expect(second).toMatchObject({ expanded_url: 'http://sy24.com' });
    expect(shown?.text).toBe(`أ &amp; ب &lt; ${first?.url} و ${second?.url}`);
    expect(String(first?.url)).toMatch(/^https:\/\/t\.co\/[\w-]{10}$/);
    expect(shown?.text.slice(Number(first?.start), Number(first?.end))).toBe(first?.url);
    expect(shown?.created_at).toMatch(/T\d\d:\d\d:\d\d\.000Z$/);
  });

  it('ends the text of a post with pictures with a link to them', async () => {
    const { id } = await upload(png());
    await post({ text: 'خبر 😀 https://example.org/a', media: { media_ids: [id] } });
    await post({ media: { media_ids: [id] } });
    const { data: [bare, shown] = [] } = await read('max_results=5&tweet.fields=entities');
    const [link, picture] = shown?.entities?.urls ?? [];
    expect(shown?.text).toBe(`خبر 😀 ${link?.url} ${picture?.url}`);
    expect(picture).toMatchObject({
      expanded_url: expect.stringMatching(/^https:\/\/x\.com\/\w+\/status\/\d+\/photo\/1$/),
      display_url: expect.stringMatching(/^pic\.x\.com\//),
    });
    const points = [...(shown?.text ?? '')];
    expect(points.slice(Number(picture?.start), Number(picture?.end)).join('')).toBe(picture?.url);
    expect(bare?.text).toBe(bare?.entities?.urls[0]?.url);
  });

  it('gives only the fields that were asked for, and what answers what', async () => {
    const first = await idOf({ text: 'أول https://example.org/a' });
    const second = await idOf({ text: 'ثان', reply: { in_reply_to_tweet_id: first } });
    const { data: plain } = await read('max_results=5');
    expect(plain?.map((post) => Object.keys(post).sort())).toEqual(
      Array(2).fill(['edit_history_tweet_ids', 'id', 'text']),
    );
    const { data } = await read('max_results=5&post.fields=referenced_tweets&exclude=retweets');
    expect(data?.[0]).toMatchObject({ id: second, referenced_tweets: [{ type: 'replied_to', id: first }] });
    expect((await read('exclude=replies,retweets')).data?.map(({ id }) => id)).toEqual([first]);
    expect((await read('exclude=quotes')).status).toBe(400);
  });

  it('shows a post only after the lag, but single posts at once', async () => {
    await at.faults('x', { readLagMs: 60_000 });
    const id = await idOf({ text: 'خبر' });
    expect(await read('max_results=5')).toMatchObject({ status: 200, meta: { result_count: 0 } });
    expect((await ask('GET', `/2/tweets/${id}`)).status).toBe(200);
    await at.faults('x', { readLagMs: 0 });
    expect((await read('max_results=5')).data?.map((post) => post.id)).toEqual([id]);
  });

  it('begins at a time or after an id, newest first, in pages, without what was deleted', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 7; count += 1) ids.push(await idOf({ text: `خبر ${count}` }));
    await ask('DELETE', `/2/tweets/${ids[6]}`);
    const page = await read('max_results=5');
    expect(page.data?.map(({ id }) => id)).toEqual(ids.slice(1, 6).reverse());
    const next = await read(`max_results=5&pagination_token=${page.meta.next_token}`);
    expect(next.data?.map(({ id }) => id)).toEqual([ids[0]]);
    expect((await read(`max_results=5&since_id=${ids[3]}`)).meta.result_count).toBe(2);
    expect((await read(`start_time=${new Date(Date.now() + 60_000).toISOString()}`)).data).toBeUndefined();
    expect((await read(`start_time=${new Date(Date.now() - 60_000).toISOString()}`)).meta.result_count).toBe(6);
    expect([await read('max_results=4'), await read('start_time=yesterday')].map(({ status }) => status)).toEqual([
      400, 400,
    ]);
  });
});

describe('a refusal by X', () => {
  it('has the form of a problem, and names the end of the wait in its headers', async () => {
    await at.faults('x', { rules: [{ fault: { kind: 'refuse', retryAfter: 60 } }] });
    const { status, headers, json } = await post({ text: 'أ' });
    expect({ status, json }).toMatchObject({ status: 429, json: { title: 'Too Many Requests', status: 429 } });
    expect(headers.get('x-rate-limit-remaining')).toBe('0');
    expect(Number(headers.get('x-rate-limit-reset')) - Date.now() / 1000).toBeGreaterThan(58);
    for (const status of [400, 402, 403, 404, 503]) {
      await at.faults('x', { rules: [{ fault: { kind: 'refuse', status } }] });
      expect(await post({ text: 'أ' })).toMatchObject({ status, json: { status, type: 'about:blank' } });
    }
  });
});
