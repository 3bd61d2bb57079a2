import { describe, expect, it } from 'vitest';
import { answerMessage } from '../../../src/platforms/shared/whatsapp-answer.ts';

const choices = (...titles: string[]) => titles.map((title, at) => ({ id: `c${at}`, title }));

describe('an answer', () => {
  it('goes to a phone number, or to the id of somebody without one', () => {
    expect(answerMessage('963944123456', { text: 'نص' })).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '963944123456',
      type: 'text',
      text: { body: 'نص', preview_url: false },
    });
    const byId = answerMessage('SY.123', { text: 'نص' });
    expect(byId).toMatchObject({ recipient: 'SY.123' });
    expect(byId).not.toHaveProperty('to');
  });

  it('has buttons for up to three choices', () => {
    expect(answerMessage('1', { text: 'نص', choices: choices('رياضة', 'اقتصاد') })).toMatchObject({
      type: 'interactive',
      interactive: {
        type: 'button',
        body: { text: 'نص' },
        action: { buttons: [{ type: 'reply', reply: { id: 'c0', title: 'رياضة' } }, { reply: { id: 'c1' } }] },
      },
    });
  });

  it.each([
    ['four choices', 'x', choices('a', 'b', 'c', 'd')],
    ['a long title', 'x', choices('a'.repeat(21))],
    ['two of one title', 'x', choices('a', 'a')],
    ['a long text', 'x'.repeat(1_025), choices('a')],
  ])('is text with %s', (_, text, given) => {
    expect(answerMessage('1', { text, choices: given })).toMatchObject({ type: 'text', text: { body: text } });
  });
});
