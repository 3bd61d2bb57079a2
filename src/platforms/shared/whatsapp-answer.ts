import type { Answer } from '../../core/platform.ts';

/** Cloud API, interactive reply buttons. */
const most = { choices: 3, title: 20, body: 1_024 };

/**
 * The body of POST /{phone-number-id}/messages for an answer: reply buttons where all choices fit on them, text otherwise.
 * A person without a phone number is named in `recipient` (Meta, business-scoped user ids).
 */
export function answerMessage(to: string, { text, choices = [] }: Answer): object {
  const common = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...(to.includes('.') ? { recipient: to } : { to }),
  };
  const titles = new Set(choices.map(({ title }) => title));
  const fits =
    choices.length > 0 &&
    choices.length <= most.choices &&
    text.length <= most.body &&
    titles.size === choices.length &&
    [...titles].every((title) => title.length <= most.title);
  if (!fits) return { ...common, type: 'text', text: { body: text, preview_url: false } };
  const buttons = choices.map(({ id, title }) => ({ type: 'reply', reply: { id, title } }));
  return { ...common, type: 'interactive', interactive: { type: 'button', body: { text }, action: { buttons } } };
}
