import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isUsNumber } from '../../../src/sandbox/whatsapp-people.ts';
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

const hook = (more: object = {}) => {
  const { url, appSecret } = receiver;
  return at.settings('whatsapp', { webhook: { url, appSecret, statuses: ['sent'] }, ...more });
};
const door = (path: string, json: Fields) => at.call('whatsapp', 'POST', `/_sandbox/${path}`, { json });
const post = (json: Fields) =>
  at.call('whatsapp', 'POST', '/v26.0/100200/messages', {
    json: { messaging_product: 'whatsapp', ...json },
    headers: { authorization: 'Bearer token' },
  });
const text = (to: string | undefined, more: Fields = {}) =>
  post({ ...(to === undefined ? {} : { to }), type: 'text', text: { body: 'خبر' }, ...more });
const template = (to: string | undefined, more: Fields = {}, name = 'news') => {
  const parameters = ['أ', 'ب'].map((one) => ({ type: 'text', text: one }));
  const filled = { name, language: { code: 'ar' }, components: [{ type: 'body', parameters }] };
  return post({ ...(to === undefined ? {} : { to }), type: 'template', template: filled, ...more });
};
const code = ({ json }: { json: unknown }) => (json as { error?: { code?: number } }).error?.code;
const came = (count: number) => receiver.until(() => receiver.changes.length >= count);
const person = '963911111111';

describe('a person who writes', () => {
  it('is told of in a signed webhook, and free text reaches only who wrote within 24 hours', async () => {
    await hook({ windows: 'by-inbound', business: '500' });
    expect(code(await text(person))).toBe(131047);
    const sent = await door('inbound', {
      from: `+${person}`,
      text: 'اشتراك',
      id: 'wamid.in1',
      number: '77',
      twice: true,
    });
    expect(sent.json).toEqual({ id: 'wamid.in1', told: true });
    await came(2);
    for (const change of receiver.changes) {
      expect(change).toMatchObject({
        field: 'messages',
        business: '500',
        signed: true,
        value: {
          metadata: { phone_number_id: '77' },
          contacts: [{ wa_id: person }],
          messages: [{ from: person, id: 'wamid.in1', type: 'text', text: { body: 'اشتراك' } }],
        },
      });
    }
    expect((await text(person)).status).toBe(200);
    expect(code(await text('963922222222'))).toBe(131047);
    expect((await template('963922222222')).status).toBe(200);
  });

  it('opened the window when the message was written, not when it came', async () => {
    await at.settings('whatsapp', { windows: 'by-inbound' });
    const written = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    await door('inbound', { from: person, text: 'x', at: written(25) });
    expect(code(await text(person))).toBe(131047);
    await door('inbound', { from: person, text: 'x', at: written(23) });
    await door('inbound', { from: person, text: 'x', at: written(30) });
    expect((await text(person)).status).toBe(200);
  });

  it('may touch a button, of a message or of a template', async () => {
    await hook();
    await door('inbound', { from: person, button: { id: 'stop', title: 'إلغاء' } });
    await door('inbound', { from: person, button: 'STOP' });
    await came(2);
    const messages = receiver.changes.map(({ value }) => (value.messages as unknown[])[0]);
    expect(messages).toContainEqual(
      expect.objectContaining({
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: { id: 'stop', title: 'إلغاء' } },
      }),
    );
    expect(messages).toContainEqual(
      expect.objectContaining({ type: 'button', button: { text: 'STOP', payload: 'STOP' } }),
    );
  });

  it('must write something, and be somebody', async () => {
    for (const wrong of [{ from: person }, { from: 'me', text: 'x' }, { from: person, text: 'x', button: 'y' }]) {
      expect((await door('inbound', wrong)).status).toBe(422);
    }
    expect((await door('inbound', { from: person, text: 'x' })).json.told).toBe(false);
  });
});

describe('a person who stops marketing messages', () => {
  it('is told of, and gets no marketing template until wanting them again', async () => {
    await hook();
    expect((await door('preferences', { from: person, value: 'stop' })).json).toEqual({ told: true });
    await came(1);
    expect(receiver.changes[0]).toMatchObject({
      field: 'user_preferences',
      signed: true,
      value: { user_preferences: [{ wa_id: person, value: 'stop', category: 'marketing_messages' }] },
    });
    expect(code(await template(person))).toBe(131050);
    expect((await text(person)).status).toBe(200);
    await door('preferences', { from: person, value: 'resume' });
    expect((await template(person)).status).toBe(200);
    expect((await door('preferences', { from: person, value: 'off' })).status).toBe(422);
  });
});

describe('a person who cannot be reached', () => {
  it('is refused in the answer, or by a failed status after a message that stays on record as failed', async () => {
    await hook({
      refusals: [
        { code: 131026, people: ['963900000001'], by: 'answer' },
        { code: 130472, people: ['+963900000002'] },
      ],
    });
    expect(code(await template('963900000001'))).toBe(131026);
    expect((await template('963900000002')).status).toBe(200);
    await came(1);
    expect(receiver.statuses()).toEqual([
      expect.objectContaining({ status: 'failed', errors: [expect.objectContaining({ code: 130472 })] }),
    ]);
    const posts = await at.posts('whatsapp');
    expect(posts.map(({ target, failed }) => [target, failed])).toEqual([['963900000002', 130472]]);
    const page = await (await fetch(at.root('whatsapp'))).text();
    expect(page).toContain('not delivered: 130472');
  });

  it('may be one of a share, always the same people', async () => {
    await at.settings('whatsapp', { refusals: [{ code: 131026, share: 0.3, by: 'answer' }] });
    const people = Array.from({ length: 100 }, (_, index) => String(963_900_000_000 + index));
    const reached = async () => {
      const answers = await Promise.all(people.map((one) => template(one)));
      return answers.map(({ status }) => status === 200);
    };
    const first = await reached();
    const missed = first.filter((one) => !one).length;
    expect(missed).toBeGreaterThan(15);
    expect(missed).toBeLessThan(45);
    expect(await reached()).toEqual(first);
  });

  it('has a number of the United States, where the template is marketing', async () => {
    await hook();
    const utility = { name: 'order', language: 'ar', body: 'أ {{1}} ب {{2}} ج', category: 'UTILITY' };
    await at.settings('whatsapp', { templates: [utility] });
    await template('12025550123');
    await came(1);
    expect(receiver.statuses()[0]).toMatchObject({ status: 'failed', errors: [{ code: 131049 }] });
    await template('12025550123', {}, 'order');
    await text('12025550123');
    await template('14165550123');
    await at.settings('whatsapp', { usMarketing: 'delivered' });
    await template('12025550123');
    const posts = await at.posts('whatsapp');
    expect(posts.map(({ failed }) => failed)).toEqual([131049, undefined, undefined, undefined, undefined]);
  });

  it.each([
    ['12025550123', true],
    ['14165550123', false],
    ['18765550123', false],
    ['1202555012', false],
    ['963911111111', false],
  ])('%s is of the United States: %s', (number, is) => {
    expect(isUsNumber(number)).toBe(is);
  });
});

describe('a business-scoped user id', () => {
  it('is written to as recipient, and webhooks name it', async () => {
    await hook({ users: { [person]: 'SY.13491208655302741918' } });
    const answer = await template(undefined, { recipient: 'SY.99' });
    expect(answer.json).toMatchObject({ contacts: [{ input: 'SY.99', user_id: 'SY.99' }] });
    await came(1);
    expect(receiver.statuses()[0]).toMatchObject({ recipient_user_id: 'SY.99' });
    expect(receiver.statuses()[0]?.recipient_id).toBeUndefined();
    await template(person);
    await template(undefined, { recipient: 'SY.13491208655302741918' });
    await came(3);
    for (const status of receiver.statuses().slice(1)) {
      expect(status).toMatchObject({ recipient_id: person, recipient_user_id: 'SY.13491208655302741918' });
    }
    expect((await at.posts('whatsapp')).map(({ target }) => target)).toEqual(['SY.99', person, person]);
  });

  it('stands back where there is a number too, and must have its form', async () => {
    await template(person, { recipient: 'SY.99' });
    expect((await at.posts('whatsapp'))[0]?.target).toBe(person);
    expect(code(await template(undefined, { recipient: 'x' }))).toBe(131009);
    expect(code(await template(undefined))).toBe(131008);
  });

  it('cannot get an authentication template', async () => {
    const code6 = { name: 'code', language: 'ar', body: 'أ {{1}} ب {{2}} ج', category: 'AUTHENTICATION' };
    await at.settings('whatsapp', { templates: [code6] });
    expect(code(await template(undefined, { recipient: 'SY.99' }, 'code'))).toBe(131062);
    expect((await template(person, {}, 'code')).status).toBe(200);
  });

  it('is told of when its person writes', async () => {
    await hook({ users: { [person]: 'SY.7' } });
    await door('inbound', { from: person, text: 'x' });
    await door('inbound', { from: 'SY.8', text: 'x' });
    await came(2);
    const seen = receiver.changes.map(({ value }) => {
      const [contact] = value.contacts as object[];
      const [message] = value.messages as { from?: string; from_user_id?: string }[];
      return { contact, from: message?.from, userId: message?.from_user_id };
    });
    expect(seen).toContainEqual({
      contact: { profile: { name: 'Reader' }, wa_id: person, user_id: 'SY.7' },
      from: person,
      userId: 'SY.7',
    });
    expect(seen).toContainEqual({
      contact: { profile: { name: 'Reader' }, user_id: 'SY.8' },
      from: undefined,
      userId: 'SY.8',
    });
  });
});

describe('a message with reply buttons', () => {
  const reply = (id: string, title: string) => ({ type: 'reply', reply: { id, title } });
  const ask = (buttons: unknown, body = 'أتريد الأخبار؟', more: Fields = {}) =>
    post({
      to: person,
      type: 'interactive',
      interactive: { type: 'button', body: { text: body }, action: { buttons }, ...more },
    });

  it('is accepted within its bounds, and shown with them', async () => {
    const answer = await ask([reply('yes', 'نعم'), reply('no', 'لا')], 'أتريد الأخبار؟', { footer: { text: 'منادي' } });
    expect(answer.status).toBe(200);
    expect((await at.posts('whatsapp'))[0]).toMatchObject({ buttons: ['نعم', 'لا'], footer: 'منادي', limit: 1024 });
    expect(await (await fetch(at.root('whatsapp'))).text()).toContain('<div class="reply" dir="rtl">نعم</div>');
  });

  it.each([
    ['no button', []],
    ['four buttons', ['1', '2', '3', '4'].map((id) => reply(id, id))],
    ['a title over 20', [reply('1', 'م'.repeat(21))]],
    ['an empty title', [reply('1', ' ')]],
    ['no id', [reply('', 'نعم')]],
    ['a title twice', [reply('1', 'نعم'), reply('2', 'نعم')]],
    ['another kind of button', [{ type: 'url', url: 'https://example.org' }]],
    ['no list', 'x'],
  ])('is refused with %s', async (_, buttons) => {
    expect(code(await ask(buttons))).toBe(100);
  });

  it('is refused with a long body or footer, another kind, or a closed window', async () => {
    const buttons = [reply('1', 'م'.repeat(20))];
    expect((await ask(buttons, 'م'.repeat(1024))).status).toBe(200);
    expect(code(await ask(buttons, 'م'.repeat(1025)))).toBe(100);
    expect(code(await ask(buttons, 'أ', { footer: { text: 'م'.repeat(61) } }))).toBe(100);
    expect(code(await ask(buttons, 'أ', { type: 'list' }))).toBe(100);
    await at.settings('whatsapp', { windows: 'closed' });
    expect(code(await ask(buttons))).toBe(131047);
  });
});
