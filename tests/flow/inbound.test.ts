import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Api, startApi } from '../../src/desk/server.ts';
import { whatsapp } from '../../src/platforms/whatsapp.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

const account = 'whatsapp-main';
const appSecret = 'the-app-secret';
let at: Installation;
let api: Api;
let serial = 0;

const subscriptions = {
  topics: {
    sports: { words: ['رياضة', 'sports'], names: { ar: 'رياضة', en: 'Sports' } },
    economy: { words: ['اقتصاد', 'economy'], names: { ar: 'اقتصاد', en: 'Economy' } },
  },
};

beforeAll(async () => {
  at = await openInstallation((config) => {
    const one = config.accounts[account];
    const settings = whatsapp.account.parse({ ...one?.settings, appSecret, verifyToken: 'v', subscriptions });
    if (one) Object.assign(one, { settings });
    config.accounts.full = {
      ...(one as NonNullable<typeof one>),
      id: 'full',
      settings: { ...settings, phoneNumberId: '200000000000003' },
    };
    config.accounts.closed = {
      ...(one as NonNullable<typeof one>),
      id: 'closed',
      settings: { ...one?.settings, phoneNumberId: '200000000000002', subscriptions: undefined },
    };
    return config;
  });
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
  await startRoles(at.runtime, ['whatsapp']);
  at.sandbox.setSettings('whatsapp', { webhook: { url: `${api.address}/webhooks/whatsapp`, appSecret, statuses: [] } });
});
afterAll(() => at.close());
afterEach(() => at.sandbox.setFaults('whatsapp', {}));

const newPerson = () => {
  serial += 1;
  return `9639440${String(serial).padStart(5, '0')}`;
};

/** Somebody writes; resolves to the message's id. */
async function write(from: string, given: string | object, more: object = {}): Promise<string> {
  const body = { from, number: '100000000000001', ...(typeof given === 'string' ? { text: given } : given), ...more };
  const answer = await fetch(`${at.sandbox.roots.whatsapp}/_sandbox/inbound`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { id: string }).id;
}
const answersTo = (who: string) =>
  at.sandbox.posts('whatsapp').filter(({ target, userId }) => target === who || userId === who);
const person = (who: string) => at.runtime.people.get(account, who);
const until = (who: string, count: number) => expect.poll(() => answersTo(who).length, { timeout: 10_000 }).toBe(count);
const last = (who: string) => answersTo(who).at(-1);

describe('somebody who writes', () => {
  it('subscribes, is told of what and how to stop, and stops', async () => {
    const who = newPerson();
    await write(who, 'اشتراك');
    await until(who, 1);
    expect(await person(who)).toMatchObject({ consent: 'subscribed', how: 'message' });
    expect(last(who)?.text).toMatch(/تم اشتراكك\. سيصلك: كل الأخبار\.[\s\S]*1\. رياضة\n2\. اقتصاد[\s\S]*إلغاء/);
    expect(last(who)?.buttons).toEqual(['رياضة', 'اقتصاد']);
    await write(who, 'الغاء');
    await expect.poll(async () => (await person(who))?.consent).toBe('stopped');
  });

  it('chooses topics by button, number or name, and a language', async () => {
    const who = newPerson();
    await write(who, { button: { id: 'munadi:topics:economy', title: 'Whatever' } });
    await expect.poll(async () => (await person(who))?.topics).toEqual(['economy']);
    await write(who, '١ و ٢');
    await expect.poll(async () => (await person(who))?.topics).toEqual(['economy', 'sports']);
    await write(who, 'breaking');
    await expect.poll(async () => (await person(who))?.breakingOnly).toBe(true);
    await write(who, 'English');
    await expect.poll(async () => (await person(who))?.language).toBe('en');
    expect(await person(who)).toMatchObject({ consent: 'subscribed', breakingOnly: true });
  });

  it('subscribes, and others stop, where the account has no room for another topic', async () => {
    const topics = Array.from({ length: 30 }, (_, n) => `once-${n}`);
    await at.runtime.people.tell('full', [{ who: newPerson(), act: 'start', topics }]);
    const [who, other] = [newPerson(), newPerson()];
    await write(other, 'اشتراك', { number: '200000000000003' });
    await write(who, 'رياضة', { number: '200000000000003' });
    await write(other, 'إلغاء', { number: '200000000000003' });
    await expect.poll(async () => (await at.runtime.people.get('full', other))?.consent).toBe('stopped');
    await until(who, 1);
    expect(last(who)?.text).toContain('سيصلك: كل الأخبار.');
    expect(await at.runtime.people.get('full', who)).toMatchObject({ consent: 'subscribed' });
  });

  it('is answered in the language of the message, or in that which was chosen', async () => {
    const [latin, chosen] = [newPerson(), newPerson()];
    await write(latin, 'Start!');
    await until(latin, 1);
    expect(last(latin)?.text).toContain('You will get: all news.');
    await write(chosen, 'English');
    await until(chosen, 1);
    expect(last(chosen)?.text).toContain('To get our news, send: START');
    expect(last(chosen)?.buttons).toEqual(['START']);
    expect(await person(chosen)).toMatchObject({ consent: 'known', language: 'en' });
  });

  it('what nobody understands is helped once, and its window is open', async () => {
    const who = newPerson();
    await write(who, 'صباح الخير');
    await until(who, 1);
    expect(last(who)?.text).toContain('للاشتراك في الأخبار أرسل: اشتراك');
    await write(who, 'كيف حالكم؟');
    // Asked for, it comes each time.
    await expect.poll(async () => (await person(who))?.inboundMs).toBeGreaterThan(Date.now() - 60_000);
    expect(await person(who)).toMatchObject({ consent: 'known' });
  });

  it('without a phone number is known and answered by id', async () => {
    const who = `SY.${randomUUID().replaceAll('-', '')}`;
    await write(who, 'اشتراك');
    await until(who, 1);
    expect(await person(who)).toMatchObject({ who, consent: 'subscribed' });
  });

  it('is not answered after a day, nor where a later will is known', async () => {
    const [old, late] = [newPerson(), newPerson()];
    await at.runtime.people.tell(account, [{ who: late, act: 'stop' }]);
    await write(late, 'اشتراك', { at: new Date(Date.now() - 3_600_000).toISOString() });
    await write(old, 'اشتراك', { at: new Date(Date.now() - 25 * 3_600_000).toISOString() });
    await expect.poll(async () => (await person(old))?.consent).toBe('subscribed');
    await expect.poll(async () => (await person(late))?.inboundMs).toBeDefined();
    expect([...answersTo(old), ...answersTo(late)]).toEqual([]);
  });
});

describe('an answer', () => {
  it('to one message goes out once, however often the message comes', async () => {
    const who = newPerson();
    await write(who, 'اشتراك', { twice: true });
    await until(who, 1);
    const posts = answersTo(who);
    const [raw] = posts.map((post) => post.raw);
    expect(raw).toBeDefined();
    const message = `wamid.${randomUUID()}`;
    const job = { account, to: who, message, text: 'نص', untilMs: Date.now() + 60_000 };
    await at.runtime.answers.add('whatsapp', job);
    await expect.poll(() => answersTo(who).length, { timeout: 15_000 }).toBe(2);
    await at.runtime.answers.add('whatsapp', job);
    await expect.poll(async () => (await at.runtime.redis.keys('munadi:queue:whatsapp-answers:a*')).length).toBe(0);
    expect(answersTo(who)).toHaveLength(2);
  }, 30_000);

  it('that was refused for its pace, or met a platform that was away, comes later', async () => {
    const who = newPerson();
    const refusal = { error: { code: 130429, message: 'Rate limit hit' } };
    at.sandbox.setFaults('whatsapp', {
      rules: [
        { on: 'publish', times: 1, fault: { kind: 'refuse', status: 429, body: JSON.stringify(refusal) } },
        { on: 'publish', times: 1, fault: { kind: 'refuse', status: 503, body: '{"error":{"code":131016}}' } },
      ],
    });
    await write(who, 'اشتراك');
    await until(who, 1);
  }, 30_000);

  it('whose end nobody knows is not repeated', async () => {
    const who = newPerson();
    at.sandbox.setFaults('whatsapp', { rules: [{ on: 'publish', times: 1, fault: { kind: 'hang', accept: true } }] });
    await write(who, 'اشتراك');
    await until(who, 1);
    await expect
      .poll(async () => (await at.runtime.redis.keys('munadi:queue:whatsapp-answers:a*')).length, { timeout: 10_000 })
      .toBe(0);
    expect(answersTo(who)).toHaveLength(1);
  });
});

describe('what is set at the platform', () => {
  it('stops and resumes', async () => {
    const who = newPerson();
    await at.runtime.people.tell(account, [{ who, act: 'start', atMs: Date.now() - 60_000 }]);
    const set = (value: string, ago: number) =>
      fetch(`${at.sandbox.roots.whatsapp}/_sandbox/preferences`, {
        method: 'POST',
        body: JSON.stringify({
          from: who,
          value,
          number: '100000000000001',
          at: new Date(Date.now() - ago).toISOString(),
        }),
      });
    await set('stop', 30_000);
    await expect.poll(async () => (await person(who))?.consent).toBe('stopped');
    expect((await person(who))?.how).toBe('user_preferences');
    await set('resume', 10_000);
    await expect.poll(async () => (await person(who))?.consent).toBe('subscribed');
    expect(answersTo(who)).toEqual([]);
  });
});

describe('a refusal that is told once more', () => {
  it('takes nothing back from whoever has subscribed since', async () => {
    const who = newPerson();
    const seconds = (ago: number) => String(Math.floor((Date.now() - ago) / 1_000));
    const status = {
      ...{ id: `wamid.${randomUUID()}`, recipient_id: who, status: 'failed', timestamp: seconds(7_200_000) },
      biz_opaque_callback_data: `d${'0'.repeat(24)}`,
      errors: [{ code: 131050, title: 'User has stopped to receive marketing messages.' }],
    };
    const message = {
      from: who,
      id: `wamid.${randomUUID()}`,
      timestamp: seconds(0),
      type: 'text',
      text: { body: 'ابدأ' },
    };
    const send = async (given: object) => {
      const value = { metadata: { phone_number_id: '100000000000001' }, ...given };
      const body = JSON.stringify({ entry: [{ id: '1', changes: [{ field: 'messages', value }] }] });
      const signature = `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`;
      const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
      expect((await fetch(`${api.address}/webhooks/whatsapp`, { method: 'POST', headers, body })).status).toBe(200);
      await expect.poll(() => at.runtime.redis.zcard('munadi:queue:whatsapp-webhook:delayed')).toBe(0);
    };
    await send({ statuses: [status] });
    await expect.poll(async () => (await person(who))?.consent).toBe('stopped');
    await send({ messages: [message] });
    await expect.poll(async () => (await person(who))?.consent).toBe('subscribed');
    await send({ statuses: [status] });
    await send({ messages: [{ ...message, id: `wamid.${randomUUID()}`, text: { body: '?' } }] });
    await until(who, 2);
    expect(await person(who)).toMatchObject({ consent: 'subscribed', how: 'message' });
  });
});

describe('an account where nobody can subscribe', () => {
  it('opens windows and honours stops, and says nothing else', async () => {
    const [starts, stops] = [newPerson(), newPerson()];
    const number = '200000000000002';
    await write(starts, 'اشتراك', { number });
    await write(stops, 'توقف', { number });
    await expect.poll(async () => (await at.runtime.people.get('closed', stops))?.consent).toBe('stopped');
    await expect.poll(async () => (await at.runtime.people.get('closed', starts))?.inboundMs).toBeDefined();
    expect(await at.runtime.people.get('closed', starts)).toMatchObject({ consent: 'known' });
    await until(stops, 1);
    expect(last(stops)?.text).toBe('تم إيقاف الاشتراك، ولن نرسل إليك شيئًا بعد الآن.');
    expect(answersTo(starts)).toEqual([]);
    expect(await person(stops)).toBeUndefined();
  });
});
