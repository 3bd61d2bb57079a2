import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { businessEvents } from '../../../src/platforms/shared/whatsapp-business.ts';

const time = 1_767_225_600;
const body = (field: string, value: unknown, more: object = {}) => ({
  object: 'whatsapp_business_account',
  entry: [{ id: '500', time, changes: [{ field, value }], ...more }],
});
const read = (field: string, value: unknown) => businessEvents(body(field, value))[0];
const about = { message_template_id: 1, message_template_name: 'news', message_template_language: 'en-US' };

describe('a webhook about a template', () => {
  it('tells of a status, with the language as templates are sent with it', () => {
    const value = { event: 'PAUSED', ...about, reason: 'NONE', other_info: { description: 'Paused for 3 hours.' } };
    expect(read('message_template_status_update', value)).toEqual({
      kind: 'template',
      business: '500',
      name: 'news',
      language: 'en_US',
      status: 'PAUSED',
      reason: 'Paused for 3 hours.',
      atMs: time * 1_000,
    });
    const approved = read('message_template_status_update', { event: 'APPROVED', ...about, reason: 'NONE' });
    expect(approved).not.toHaveProperty('reason');
  });

  it('tells of a quality', () => {
    const value = { previous_quality_score: 'GREEN', new_quality_score: 'YELLOW', ...about };
    expect(read('message_template_quality_update', value)).toMatchObject({ kind: 'template', quality: 'YELLOW' });
  });
});

describe('a webhook about an account', () => {
  it.each([
    ['DISABLE', 'stop', 'Meta has disabled the account (April 17, 2025)'],
    ['REINSTATE', 'go', 'Meta has reinstated the account (April 17, 2025)'],
    ['SCHEDULE_FOR_DISABLE', undefined, 'Meta is going to disable the account (April 17, 2025)'],
  ])('tells of a ban: %s', (state, effect, detail) => {
    const value = { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: state, waba_ban_date: 'April 17, 2025' } };
    const event = read('account_update', value);
    expect(event).toMatchObject({
      kind: 'account',
      business: '500',
      event: 'DISABLED_UPDATE',
      detail,
      atMs: time * 1_000,
    });
    expect((event as { effect?: string }).effect).toBe(effect);
  });

  it('tells of restrictions, and which of them let nothing through', () => {
    const of = (type: string) =>
      read('account_update', {
        event: 'ACCOUNT_RESTRICTION',
        restriction_info: [{ restriction_type: type, expiration: '2026-04-19' }],
      });
    expect(of('RESTRICTED_BIZ_INITIATED_MESSAGING')).toMatchObject({
      effect: 'stop',
      detail: 'Meta restricts the account: RESTRICTED_BIZ_INITIATED_MESSAGING until 2026-04-19',
    });
    expect(of('RESTRICTED_ADD_PHONE_NUMBER_ACTION')).not.toHaveProperty('effect');
    expect(read('account_update', { event: 'ACCOUNT_DELETED' })).toMatchObject({ effect: 'stop' });
    const violation = { event: 'ACCOUNT_VIOLATION', violation_info: { violation_type: 'ADULT' } };
    expect(read('account_update', violation)).toMatchObject({ detail: 'account violation: ADULT' });
  });

  it('tells of limits in words, in the old form and the new one', () => {
    const quality = { display_phone_number: '963900000001', event: 'DOWNGRADE', current_limit: 'TIER_2K' };
    expect(read('phone_number_quality_update', quality)).toMatchObject({
      number: '963900000001',
      event: 'DOWNGRADE',
      detail: 'its messaging limit was lowered; 2,000 people in 24 hours may be written to first',
    });
    for (const [limit, words] of [
      [10_000, '10,000 people in 24 hours may be written to first'],
      ['TIER_100K', '100,000 people in 24 hours may be written to first'],
      [-1, 'as many people as you like may be written to first'],
      ['TIER_UNLIMITED', 'as many people as you like may be written to first'],
    ])
      expect(read('business_capability_update', { max_daily_conversations_per_business: limit })).toMatchObject({
        detail: words,
      });
  });
});

describe('whatever comes', () => {
  it('is read without a fault, and a time that cannot be is now', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('message_template_status_update', 'account_update', 'business_capability_update', 'toString'),
        fc.jsonValue(),
        fc.jsonValue(),
        (field, value, more) => {
          expect(Array.isArray(businessEvents(body(field, value)))).toBe(true);
          expect(Array.isArray(businessEvents(more))).toBe(true);
          expect(businessEvents({ entry: [{ id: '1', changes: more }, more] }).length).toBeLessThan(3);
        },
      ),
    );
    const before = Date.now();
    const [event] = businessEvents(body('account_update', { event: 'ACCOUNT_DELETED' }, { time: 'soon' }));
    expect(event?.atMs).toBeGreaterThanOrEqual(before);
    expect(read('messages', { statuses: [] })).toBeUndefined();
  });
});
