import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../../src/core/channel.ts';
import type { PlatformEvent } from '../../../src/core/platform.ts';
import { whatsappWebhook } from '../../../src/platforms/shared/whatsapp-webhook.ts';

const delivery = `d${'a1'.repeat(12)}`;
const wrap = (...statuses: unknown[]) => ({ entry: [{ changes: [{ field: 'messages', value: { statuses } }] }] });
const status = (change: object = {}) => ({
  ...{ id: 'wamid.1', status: 'sent', timestamp: '1764000000', biz_opaque_callback_data: delivery },
  ...change,
});

type Status = Extract<PlatformEvent, { kind: 'status' }>;
const one = (body: unknown) => whatsappWebhook.events(body)[0] as Status;

describe('statuses', () => {
  it('are read in their order, over entries, changes and statuses', () => {
    const body = {
      entry: [
        { changes: [{ value: { statuses: [status(), status({ status: 'delivered' })] } }, { value: {} }] },
        { changes: [{ value: { statuses: [status({ status: 'read', id: 'wamid.2' })] } }] },
      ],
    };
    const [kind, at] = ['status', '2025-11-24T16:00:00.000Z'];
    expect(whatsappWebhook.events(body)).toEqual([
      { kind, delivery, remoteId: 'wamid.1', status: 'sent', at },
      { kind, delivery, remoteId: 'wamid.1', status: 'delivered', at },
      { kind, delivery, remoteId: 'wamid.2', status: 'read', at },
    ]);
  });

  it('that failed tell code and reason, from wherever Meta puts them', () => {
    const failed = (errors: unknown) => one(wrap(status({ status: 'failed', errors })));
    const reasonOf = (errors: unknown) => failed(errors).failure;
    const details = 'Message undeliverable.';
    expect(reasonOf([{ code: 131026, title: details, message: details, error_data: { details } }])).toEqual({
      code: '131026',
      reason: 'WhatsApp: Message undeliverable.',
    });
    expect(reasonOf([{ code: 131049, title: 'Limit', error_data: { details: 'Too many.' } }])).toEqual({
      code: '131049',
      reason: 'WhatsApp: Limit – Too many.',
    });
    for (const errors of [undefined, [], [null], 'x']) {
      expect(reasonOf(errors)).toMatchObject({ code: null, reason: expect.stringMatching(/no reason/) });
    }
  });

  it('of strangers and in other forms are left out', () => {
    const others = [
      ...[status({ biz_opaque_callback_data: undefined }), status({ biz_opaque_callback_data: 'order-7' })],
      ...[status({ status: 'played' }), status({ id: '' }), status({ id: 7 }), null, 'text', []],
    ];
    expect(whatsappWebhook.events(wrap(...others))).toEqual([]);
  });

  it('with a time that cannot be are taken for new', () => {
    for (const timestamp of ['1764000000000', '-5', 'soon', undefined]) {
      const { at } = one(wrap(status({ timestamp })));
      expect(Math.abs(Date.now() - Date.parse(at))).toBeLessThan(60_000);
    }
  });
});

const change = (field: string, value: object, entry: object = {}) => ({
  entry: [{ id: '102290129340398', time: 1764000000, ...entry, changes: [{ field, value }] }],
});
const metadata = { display_phone_number: '963900000001', phone_number_id: '100000000000001' };
const atMs = 1_764_000_000_000;

describe('what people write', () => {
  const message = (given: object, more: object = {}) =>
    change('messages', {
      ...{ messaging_product: 'whatsapp', metadata },
      contacts: [{ profile: { name: 'Rima' }, wa_id: '963944123456' }],
      messages: [{ from: '963944123456', id: 'wamid.7', timestamp: '1764000000', ...given }],
      ...more,
    });
  const read = { kind: 'message', number: '100000000000001', from: '963944123456', id: 'wamid.7', atMs };

  it('from Mexico and Brazil has the number as it is dialled, whichever form WhatsApp has of it', () => {
    const fromOf = (from: string) => whatsappWebhook.events(message({ from, type: 'text', text: { body: 'STOP' } }));
    expect(fromOf('5215512345678')).toMatchObject([{ from: '525512345678' }]);
    expect(fromOf('551187654321')).toMatchObject([{ from: '5511987654321' }]);
    const [failed] = whatsappWebhook.events(wrap(status({ recipient_id: '5215512345678' })));
    expect(failed).toMatchObject({ to: '525512345678' });
  });

  it('is never taken for another person of the same delivery', () => {
    const contacts = [
      { wa_id: '963944123456', user_id: 'SY.1' },
      { wa_id: '963944123457', user_id: 'SY.2' },
    ];
    const fromOf = (given: object) => whatsappWebhook.events(message(given, { contacts }));
    expect(fromOf({ from: undefined, from_user_id: 'SY.2' })).toMatchObject([{ from: '963944123457', alias: 'SY.2' }]);
    expect(fromOf({ from: undefined, from_user_id: 'SY.3' })).toMatchObject([{ from: 'SY.3' }]);
    expect(fromOf({ from: '963944123458' })).toMatchObject([{ from: '963944123458' }]);
    expect(fromOf({ from: '963944123458' })[0]).not.toHaveProperty('alias');
    expect(fromOf({ from: undefined })).toEqual([]);
  });

  it.each([
    ['text', { type: 'text', text: { body: 'اشتراك' } }, { text: 'اشتراك' }],
    [
      'a button of a template',
      { type: 'button', button: { text: 'إلغاء', payload: 'stop' } },
      { text: 'إلغاء', choice: 'stop' },
    ],
    [
      'a reply button',
      { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'b1', title: 'رياضة' } } },
      { text: 'رياضة', choice: 'b1' },
    ],
    [
      'a row of a list',
      { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'r1', title: 'اقتصاد' } } },
      { text: 'اقتصاد', choice: 'r1' },
    ],
    ['a picture', { type: 'image', image: { id: '1' } }, {}],
  ])('is read of %s', (_, given, more) => {
    expect(whatsappWebhook.events(message(given))).toEqual([{ ...read, ...more }]);
  });

  it('names people by number, by id, or both', () => {
    const id = 'SY.13491208655302741918';
    const both = message({ from_user_id: id });
    expect(whatsappWebhook.events(both)).toEqual([{ ...read, alias: id }]);
    const beside = message({}, { contacts: [{ wa_id: '963944123456', user_id: id }] });
    expect(whatsappWebhook.events(beside)).toEqual([{ ...read, alias: id }]);
    const alone = message({ from: undefined, from_user_id: id }, { contacts: [{ user_id: id }] });
    expect(whatsappWebhook.events(alone)).toEqual([{ ...read, from: id }]);
    expect(whatsappWebhook.events(message({ from: 'nobody' }, { contacts: [] }))).toEqual([]);
    expect(whatsappWebhook.events(message({ type: 'system', system: { body: 'changed' } }))).toEqual([]);
  });

  it('and set at the platform is read, of marketing alone', () => {
    const set = (given: object) =>
      change('user_preferences', {
        metadata,
        user_preferences: [{ wa_id: '963944123456', category: 'marketing_messages', timestamp: 1764000000, ...given }],
      });
    const stop = { kind: 'preference', number: '100000000000001', from: '963944123456', value: 'stop', atMs };
    expect(whatsappWebhook.events(set({ value: 'stop' }))).toEqual([stop]);
    expect(whatsappWebhook.events(set({ value: 'resume' }))).toEqual([{ ...stop, value: 'resume' }]);
    expect(whatsappWebhook.events(set({ value: 'pause' }))).toEqual([]);
    expect(whatsappWebhook.events(set({ value: 'stop', category: 'other' }))).toEqual([]);
  });
});

describe('what becomes of what is ours', () => {
  const business = '102290129340398';
  const template = { message_template_id: 1, message_template_name: 'news', message_template_language: 'ar' };

  it('is read of templates', () => {
    const of = { kind: 'template', business, name: 'news', language: 'ar', atMs };
    const paused = { event: 'PAUSED', reason: 'Low quality', ...template };
    expect(whatsappWebhook.events(change('message_template_status_update', paused))).toEqual([
      { ...of, status: 'PAUSED', reason: 'Low quality' },
    ]);
    const quality = { previous_quality_score: 'GREEN', new_quality_score: 'YELLOW', ...template };
    expect(whatsappWebhook.events(change('message_template_quality_update', quality))).toEqual([
      { ...of, quality: 'YELLOW' },
    ]);
    expect(whatsappWebhook.events(change('message_template_status_update', { event: 'PAUSED' }))).toEqual([]);
  });
});

describe('events', () => {
  it('of a list are statuses like others; a failure tells for how long nothing reaches the person', () => {
    const failed = (code: number) =>
      one(wrap(status({ biz_opaque_callback_data: `${delivery}.12.7`, status: 'failed', errors: [{ code }] })));
    expect(failed(131026)).toMatchObject({ delivery: `${delivery}.12.7`, suppressForMs: 30 * 86_400_000 });
    expect(failed(131050)).toMatchObject({ suppressForMs: Number.POSITIVE_INFINITY });
    expect(failed(131047)).not.toHaveProperty('suppressForMs');
  });

  it('never throw, whatever comes', () => {
    const hostile = fc.anything({ maxDepth: 6, withNullPrototype: true });
    const fields = ['messages', 'user_preferences', 'message_template_status_update', 'account_update', 'x'];
    const keys = ['statuses', 'messages', 'contacts', 'metadata', 'user_preferences', 'event', '__proto__', 'errors'];
    const value = fc.dictionary(fc.constantFrom(...keys), fc.oneof(hostile, fc.array(hostile)));
    fc.assert(
      fc.property(hostile, fc.constantFrom(...fields), value, (body, field, given) => {
        const bodies = [
          ...[body, { entry: body }, { entry: [{ changes: [{ value: { statuses: [body] } }] }] }],
          ...[change(field, given), change(field, { metadata, messages: [body], contacts: body })],
          change(field, { statuses: [status({ status: 'failed', errors: body })], user_preferences: [body] }),
        ];
        for (const each of bodies) expect(Array.isArray(whatsappWebhook.events(each))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an account', () => {
  it('says what it lacks to be told anything', () => {
    const account = (settings: object) => ({ id: 'a', platform: 'whatsapp', sandbox: false, settings }) as Account;
    expect(whatsappWebhook.missing(account({}))).toEqual(['appSecret', 'verifyToken']);
    expect(whatsappWebhook.missing(account({ appSecret: 's', verifyToken: 'v' }))).toEqual([]);
  });
});
