import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, type CallOptions, type Fields, formOf, openSandbox, png } from './asking.ts';

let at: Asked;
beforeAll(async () => {
  at = await openSandbox();
});
afterAll(() => at.sandbox.close());
beforeEach(() => at.resetAll());

const authorization = 'Bearer secret-page-token';
const ask = (method: string, path: string, options: CallOptions = {}) =>
  at.call('facebook', method, `/v26.0/${path}`, { ...options, headers: { authorization, ...options.headers } });
const feed = (json: Fields) => ask('POST', '1000/feed', { json });
const idOf = async (json: Fields) => String((await feed(json)).json.id);
const photo = (fields: Record<string, string>, bytes = png()) =>
  ask('POST', '1000/photos', { form: formOf(fields, { source: bytes }) });
const refused = (code: number, status = 400) => ({
  status,
  json: { error: { code, type: 'OAuthException', message: expect.any(String), fbtrace_id: expect.any(String) } },
});

describe('a Page post', () => {
  it('has words of up to 63206 characters, a link, or both', async () => {
    expect(await feed({ message: 'م'.repeat(63_206) })).toMatchObject({
      status: 200,
      json: { id: expect.stringMatching(/^1000_\d+$/) },
    });
    expect(await feed({ message: 'م'.repeat(63_207) })).toMatchObject(refused(100));
    expect((await feed({ link: 'https://example.org/a' })).status).toBe(200);
    for (const bad of [{}, { message: ' ' }, { message: 'أ', link: 'example.org' }, { message: { a: 1 } }]) {
      expect(await feed(bad)).toMatchObject(refused(100));
    }
    expect((await at.posts('facebook')).map(({ length, link }) => [length, link])).toEqual([
      [63_206, undefined],
      [0, 'https://example.org/a'],
    ]);
  });

  it('comes as a form or in the address as well', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ message: 'أ', access_token: 'secret', appsecret_proof: 'secret' }).toString();
    expect((await ask('POST', '1000/feed', { body, headers })).status).toBe(200);
    const query = new URLSearchParams({ message: 'ب', access_token: 'secret' });
    expect((await at.call('facebook', 'POST', `/1000/feed?${query}`)).status).toBe(200);
    expect((await at.posts('facebook')).map(({ raw }) => raw)).toEqual([{ message: 'أ' }, { message: 'ب' }]);
  });

  it('is refused where it says the same as the last one', async () => {
    const id = await idOf({ message: 'خبر' });
    expect(await feed({ message: 'خبر' })).toMatchObject(refused(506));
    expect((await feed({ message: 'خبر', link: 'https://example.org' })).status).toBe(200);
    expect((await feed({ message: 'خبر' })).status).toBe(200);
    await at.faults('facebook', { allowDuplicates: true });
    expect((await feed({ message: 'خبر' })).status).toBe(200);
    await at.call('facebook', 'DELETE', '/_sandbox');
    expect((await feed({ message: 'خبر' })).status).toBe(200);
    expect(await idOf({ message: 'آخر' })).not.toBe(id);
  });

  it('is not taken as published where it is to be scheduled', async () => {
    expect(await feed({ message: 'أ', published: false })).toMatchObject(refused(100));
    expect(await feed({ message: 'أ', scheduled_publish_time: 2_000_000_000 })).toMatchObject(refused(100));
    expect(await at.posts('facebook')).toEqual([]);
  });
});

describe('a photo of a Page', () => {
  it('is posted with its words and its description', async () => {
    const { json } = await photo({ message: 'خبر', alt_text_custom: 'حديقة' });
    expect(json).toEqual({ id: expect.any(String), post_id: `1000_${json.id}` });
    expect((await at.posts('facebook'))[0]).toMatchObject({ text: 'خبر', media: [{ width: 640, alt: 'حديقة' }] });
    expect((await ask('POST', '1000/photos', { json: { url: 'https://example.org/a.jpg' } })).status).toBe(200);
  });

  it('waits unpublished until a post attaches it, alone or with others', async () => {
    const ids = [
      await photo({ published: 'false' }, png(10, 10)),
      await photo({ published: 'false' }, png(20, 20)),
    ].map(({ json }) => String(json.id));
    expect(await at.posts('facebook')).toEqual([]);
    const attached_media = ids.map((id) => ({ media_fbid: id }));
    expect((await feed({ message: 'ألبوم', attached_media })).status).toBe(200);
    const numbered = Object.fromEntries(
      attached_media.map((one, index) => [`attached_media[${index}]`, JSON.stringify(one)]),
    );
    expect((await ask('POST', '1000/feed', { form: formOf({ message: 'ثان', ...numbered }) })).status).toBe(200);
    expect((await at.posts('facebook')).map(({ media }) => media.map(({ width }) => width))).toEqual([
      [10, 20],
      [10, 20],
    ]);
    expect(await feed({ message: 'أ', attached_media: [{ media_fbid: '1' }] })).toMatchObject(refused(100));
  });

  it('must be one', async () => {
    expect(await photo({ message: 'أ' }, Buffer.from('no picture at all, only words'))).toMatchObject(refused(324));
    expect(await ask('POST', '1000/photos', { json: { message: 'أ' } })).toMatchObject(refused(324));
  });
});

describe('reading back', () => {
  const read = async (query: string) =>
    (await ask('GET', `1000/published_posts?${query}`)).json.data as unknown as { id: string; message?: string }[];

  it('gives the newest first, since a time, with the fields asked for', async () => {
    const before = Math.floor(Date.now() / 1000);
    const first = await idOf({ message: 'أول', link: 'https://example.org/a' });
    const second = await idOf({ message: 'ثان' });
    expect((await read(`since=${before}`)).map(({ id }) => id)).toEqual([second, first]);
    expect(await read(`since=${before + 60}`)).toEqual([]);
    expect(await read(`until=${before - 1}`)).toEqual([]);
    expect(await read('limit=1')).toHaveLength(1);
    const [, shown] = await read('fields=id,message,created_time,permalink_url,attachments{unshimmed_url}');
    expect(shown).toEqual({
      id: first,
      message: 'أول',
      created_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/),
      permalink_url: `${at.root('facebook')}/p/${first}`,
      attachments: { data: [{ unshimmed_url: 'https://example.org/a' }] },
    });
  });

  it('comes in pages, each with the way to the next', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 7; count += 1) ids.push(await idOf({ message: `خبر ${count}` }));
    const seen: string[][] = [];
    let path: string | undefined = '1000/published_posts?limit=3&fields=id';
    while (path !== undefined) {
      const { json } = await ask('GET', path);
      const { data, paging } = json as unknown as { data: { id: string }[]; paging: { next?: string } };
      seen.push(data.map(({ id }) => id));
      path = paging.next?.split('/v26.0/')[1];
    }
    const newestFirst = ids.toReversed();
    expect(seen).toEqual([newestFirst.slice(0, 3), newestFirst.slice(3, 6), newestFirst.slice(6)]);
    expect(await ask('GET', '1000/published_posts?after=nowhere')).toMatchObject(refused(100));
    expect(await ask('GET', '1000/published_posts?limit=101')).toMatchObject(refused(100));
    expect((await ask('GET', '2000/published_posts')).json).toEqual({ data: [] });
  });

  it('shows a post only after the lag, but single posts at once', async () => {
    await at.faults('facebook', { readLagMs: 60_000 });
    const id = await idOf({ message: 'خبر' });
    expect(await read('')).toEqual([]);
    expect((await ask('GET', id)).status).toBe(200);
    await at.faults('facebook', {});
    expect((await read('')).map((post) => post.id)).toEqual([id]);
  });

  it('leads links through a page of Facebook’s own', async () => {
    await feed({ link: 'https://example.org/a?b=1' });
    await photo({ message: 'صورة' });
    const [picture, shared] = (await read('fields=attachments{media_type,url,target}')) as unknown as {
      attachments: { data: { media_type: string; url: string }[] };
    }[];
    expect(picture?.attachments.data[0]?.media_type).toBe('photo');
    const [share] = shared?.attachments.data ?? [];
    expect(new URL(share?.url ?? '').searchParams.get('u')).toBe('https://example.org/a?b=1');
  });

  it('shows what was edited, and not what was deleted', async () => {
    const id = await idOf({ message: 'خبر' });
    expect((await ask('POST', id, { json: { message: 'تصحيح' } })).json).toEqual({ success: true });
    expect(await ask('POST', id, { json: { message: 'م'.repeat(63_207) } })).toMatchObject(refused(100));
    expect((await ask('GET', `${id}?fields=message,edited`)).json).toEqual({ id, message: 'تصحيح', edited: true });
    expect((await ask('DELETE', id)).json).toEqual({ success: true });
    expect(await ask('GET', id)).toMatchObject(refused(100, 404));
    expect(await read('')).toEqual([]);
  });
});

describe('a refusal by Facebook', () => {
  it('has the form of the Graph API', async () => {
    expect(await ask('GET', '1000', { headers: { authorization: '' } })).toMatchObject(refused(190, 401));
    expect(await ask('POST', '1000/events', { json: {} })).toMatchObject(refused(100));
    await at.faults('facebook', { rules: [{ fault: { kind: 'expired-token' } }] });
    expect(await feed({ message: 'أ' })).toMatchObject({
      status: 401,
      json: { error: { code: 190, error_subcode: 463 } },
    });
  });

  it('for speed names the wait in minutes, in the usage header', async () => {
    await at.faults('facebook', { rules: [{ fault: { kind: 'refuse', retryAfter: 90 } }] });
    const answer = await feed({ message: 'أ' });
    expect(answer).toMatchObject(refused(32));
    const usage = JSON.parse(answer.headers.get('x-business-use-case-usage') ?? '{}') as Record<string, Fields[]>;
    expect(Object.values(usage)[0]?.[0]).toMatchObject({ type: 'pages', estimated_time_to_regain_access: 2 });
  });
});
