import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../../src/core/channel.ts';
import { whatsappWebhook } from '../../../src/platforms/shared/whatsapp-webhook.ts';

const delivery = `d${'a1'.repeat(12)}`;
const wrap = (...statuses: unknown[]) => ({ entry: [{ changes: [{ field: 'messages', value: { statuses } }] }] });
const status = (change: object = {}) => ({
  ...{ id: 'wamid.1', status: 'sent', timestamp: '1764000000', biz_opaque_callback_data: delivery },
  ...change,
});

describe('statuses', () => {
  it('are read in their order, over entries, changes and statuses', () => {
    const body = {
      entry: [
        { changes: [{ value: { statuses: [status(), status({ status: 'delivered' })] } }, { value: {} }] },
        { changes: [{ value: { statuses: [status({ status: 'read', id: 'wamid.2' })] } }] },
      ],
    };
    expect(whatsappWebhook.statuses(body)).toEqual([
      { delivery, remoteId: 'wamid.1', status: 'sent', at: '2025-11-24T16:00:00.000Z' },
      { delivery, remoteId: 'wamid.1', status: 'delivered', at: '2025-11-24T16:00:00.000Z' },
      { delivery, remoteId: 'wamid.2', status: 'read', at: '2025-11-24T16:00:00.000Z' },
    ]);
  });

  it('that failed tell code and reason, from wherever Meta puts them', () => {
    const reasonOf = (errors: unknown) =>
      whatsappWebhook.statuses(wrap(status({ status: 'failed', errors })))[0]?.failure;
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
    expect(whatsappWebhook.statuses(wrap(...others))).toEqual([]);
  });

  it('never throw, whatever comes', () => {
    const shape = fc.anything({ maxDepth: 6, withNullPrototype: true });
    fc.assert(
      fc.property(shape, (body) => {
        for (const one of [body, { entry: body }, { entry: [{ changes: [{ value: { statuses: [body] } }] }] }]) {
          expect(Array.isArray(whatsappWebhook.statuses(one))).toBe(true);
        }
      }),
    );
  });

  it('with a time that cannot be are taken for new', () => {
    for (const timestamp of ['1764000000000', '-5', 'soon', undefined]) {
      const [report] = whatsappWebhook.statuses(wrap(status({ timestamp })));
      expect(Math.abs(Date.now() - Date.parse(report?.at ?? ''))).toBeLessThan(60_000);
    }
  });
});

describe('an account', () => {
  it('says what it lacks to be told anything', () => {
    const account = (settings: object) => ({ id: 'a', platform: 'whatsapp', sandbox: false, settings }) as Account;
    expect(whatsappWebhook.missing(account({}))).toEqual(['appSecret', 'verifyToken']);
    expect(whatsappWebhook.missing(account({ appSecret: 's', verifyToken: 'v' }))).toEqual([]);
  });
});
