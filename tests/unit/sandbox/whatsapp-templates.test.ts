import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, type Fields, openSandbox } from './asking.ts';
import { openReceiver, type Receiver } from './receiver.ts';

let at: Asked;
let receiver: Receiver;
beforeAll(async () => {
  at = await openSandbox();
  receiver = await openReceiver();
});
afterAll(async () => {
  await at.sandbox.close();
  receiver.close();
});
beforeEach(() => receiver.clear());
afterEach(() => at.resetAll());

const headers = { authorization: 'Bearer token' };
const hook = (more: object = {}) => {
  const { url, appSecret } = receiver;
  return at.settings('whatsapp', { business: '500', webhook: { url, appSecret, statuses: [] }, ...more });
};
const change = (json: Fields) => at.call('whatsapp', 'PUT', '/_sandbox/templates', { json });
const list = (query = '', business = '500') =>
  at.call('whatsapp', 'GET', `/v26.0/${business}/message_templates${query}`, { headers });
const came = (count: number) => receiver.until(() => receiver.changes.length >= count);
async function send(name = 'news', language = 'ar'): Promise<number | undefined> {
  const parameters = ['أ', 'ب'].map((text) => ({ type: 'text', text }));
  const template = { name, language: { code: language }, components: [{ type: 'body', parameters }] };
  const json = { messaging_product: 'whatsapp', to: '963900000000', type: 'template', template };
  const answer = await at.call('whatsapp', 'POST', '/v26.0/100200/messages', { json, headers });
  return (answer.json.error as unknown as { code?: number } | undefined)?.code;
}

describe('a template of the simulated account', () => {
  it.each([
    ['PAUSED', 132015],
    ['DISABLED', 132016],
    ['PENDING', 132001],
    ['REJECTED', 132001],
  ])('cannot be sent while it is %s, and can again once it is approved', async (status, code) => {
    expect(await send()).toBeUndefined();
    expect((await change({ name: 'news', language: 'ar', status })).status).toBe(200);
    expect(await send()).toBe(code);
    expect(await send('news', 'en')).toBeUndefined();
    await change({ name: 'news', language: 'ar', status: 'APPROVED' });
    expect(await send()).toBeUndefined();
  });

  it('may be given with its status, in the settings', async () => {
    const paused = { name: 'other', language: 'ar', body: 'أ {{1}} ب {{2}}', status: 'PAUSED' };
    await at.settings('whatsapp', { templates: [paused] });
    expect(await send('other')).toBe(132015);
    await at.settings('whatsapp', { templates: [{ ...paused, status: 'APPROVED' }] });
    expect(await send('other')).toBeUndefined();
    const otherNews = { name: 'news', language: 'ar', body: 'خبر {{1}} {{2}} {{3}}.' };
    await at.settings('whatsapp', { templates: [otherNews] });
    expect(await send()).toBe(132000);
  });

  it('tells when its status or quality changes, and only then', async () => {
    await hook();
    await change({ name: 'news', language: 'ar', status: 'PAUSED', reason: 'LOW_QUALITY' });
    await came(1);
    expect(receiver.changes[0]).toMatchObject({
      field: 'message_template_status_update',
      business: '500',
      signed: true,
      time: expect.any(Number),
      value: {
        event: 'PAUSED',
        message_template_name: 'news',
        message_template_language: 'ar',
        reason: 'LOW_QUALITY',
      },
    });
    expect((await change({ name: 'news', language: 'ar', status: 'PAUSED' })).json.told).toBe(false);
    await change({ name: 'news', quality: 'RED' });
    await came(3);
    const told = receiver.changes
      .slice(1)
      .map(({ field, value }) => [
        field,
        value.previous_quality_score,
        value.new_quality_score,
        value.message_template_language,
      ]);
    expect(told.toSorted()).toEqual([
      ['message_template_quality_update', 'UNKNOWN', 'RED', 'ar'],
      ['message_template_quality_update', 'UNKNOWN', 'RED', 'en'],
    ]);
    const shown = (await (await fetch(`${at.root('whatsapp')}/_sandbox/templates`)).json()) as object[];
    expect(shown).toContainEqual(
      expect.objectContaining({ name: 'news', language: 'ar', status: 'PAUSED', quality: 'RED' }),
    );
  });

  it('must be there, and its change one', async () => {
    expect((await change({ name: 'nothing', status: 'PAUSED' })).status).toBe(422);
    expect((await change({ name: 'news', status: 'GONE' })).status).toBe(422);
  });
});

describe('the list of templates', () => {
  it('comes in pages, of the business account only', async () => {
    await hook();
    const names: string[] = [];
    for (let after = '', pages = 0; ; pages += 1) {
      const { json } = await list(`?limit=3${after}&fields=name,language,status,quality_score`);
      const data = json.data as unknown as { name: string; language: string; status: string }[];
      names.push(...data.map(({ name, language }) => `${name}/${language}`));
      const { paging } = json as unknown as { paging: { cursors: { after: string }; next?: string } };
      if (paging.next === undefined) {
        expect(pages).toBe(1);
        break;
      }
      after = `&after=${paging.cursors.after}`;
    }
    expect(names).toEqual(['news/ar', 'news_image/ar', 'news/en', 'news_image/en']);
    const { json } = await list('?fields=name,quality_score&limit=1');
    expect(json.data).toEqual([{ id: expect.any(String), name: 'news', quality_score: { score: 'UNKNOWN' } }]);
    expect(Object.keys(((await list()).json.data as unknown as object[])[0] ?? {})).not.toContain('quality_score');
    expect((await list('', '100200')).json).toMatchObject({ error: { code: 100 } });
    expect((await list('?limit=0')).status).toBe(400);
    expect((await list('?after=!')).status).toBe(400);
  });
});

describe('events of the account', () => {
  it('are sent as they are given, with their time', async () => {
    await hook();
    const value = {
      event: 'ACCOUNT_RESTRICTION',
      restriction_info: [{ restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING' }],
    };
    const event = { field: 'account_update', value, at: '2026-01-01T00:00:00Z', twice: true };
    expect((await at.call('whatsapp', 'POST', '/_sandbox/events', { json: event })).json).toEqual({ told: true });
    await came(2);
    expect(receiver.changes.map(({ field, time, value: came }) => ({ field, time, came }))).toEqual([
      { field: 'account_update', time: 1_767_225_600, came: value },
      { field: 'account_update', time: 1_767_225_600, came: value },
    ]);
    const wrong = { field: 'messages', value };
    expect((await at.call('whatsapp', 'POST', '/_sandbox/events', { json: wrong })).status).toBe(422);
  });
});

describe('the record of many messages', () => {
  it('is read in parts: only some fields, from a place on, in lines', async () => {
    for (const name of ['news', 'news', 'news']) await send(name);
    const read = async (query: string) => (await fetch(`${at.root('whatsapp')}/_sandbox/posts${query}`)).text();
    const all = await at.posts('whatsapp');
    const ids = all.map(({ id, target }) => ({ id, target }));
    expect(JSON.parse(await read('?fields=id,target,opaque'))).toEqual(ids);
    expect(JSON.parse(await read('?fields=id,target&from=1'))).toEqual(ids.slice(1));
    expect(JSON.parse(await read('?fields=id,target&from=1&limit=1'))).toEqual(ids.slice(1, 2));
    const lines = (await read('?form=lines&fields=id,target')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(ids);
    await at.resetAll();
    expect([await read(''), await read('?form=lines')]).toEqual(['[]', '']);
  });

  it('is given whole where it is long', async () => {
    const text = 'م'.repeat(4000);
    const json = { messaging_product: 'whatsapp', to: '963900000000', type: 'text', text: { body: text } };
    await Promise.all(
      Array.from({ length: 200 }, () => at.call('whatsapp', 'POST', '/v26.0/100200/messages', { json, headers })),
    );
    const posts = await at.posts('whatsapp');
    expect(posts).toHaveLength(200);
    expect(posts.every((post) => post.text === text)).toBe(true);
  });
});
