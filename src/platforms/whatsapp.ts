import { z } from 'zod';
import type { Account } from '../core/channel.ts';
import { RejectedError, UnconfirmedError } from '../core/errors.ts';
import type { RateRule } from '../core/limits.ts';
import type { Platform, Publisher, SendRequest } from '../core/platform.ts';
import type { Media } from '../core/post.ts';
import { measureUtf16 } from '../text/measure.ts';
import { isScopedId } from '../text/phone.ts';
import { createGraphClient, graphVersion } from './shared/graph.ts';
import { multipart } from './shared/multipart.ts';
import { whatsappRemoteId } from './shared/remote-id.ts';
import { createUploads } from './shared/uploads.ts';
import { answerMessage } from './shared/whatsapp-answer.ts';
import { audienceOf, formsOf, modeOf, peopleOf } from './shared/whatsapp-audience.ts';
import { whatsappFailure } from './shared/whatsapp-errors.ts';
import { composeTemplate, composeText, layout, limits, type WhatsappChannel } from './shared/whatsapp-post.ts';
import { subscriptions, toSubscriptions, unsubscribing } from './shared/whatsapp-subscriptions.ts';
import { listTemplates } from './shared/whatsapp-templates.ts';
import { whatsappWebhook } from './shared/whatsapp-webhook.ts';

const account = z.strictObject({
  phoneNumberId: z.string().optional().describe('Id of the sending phone number, in quotes (not the number itself).'),
  businessAccountId: z
    .string()
    .optional()
    .describe(
      'Id of the WhatsApp Business Account (WABA) in quotes: to list its templates and take up what Meta tells of them.',
    ),
  accessToken: z.string().optional().describe('System user token with whatsapp_business_messaging.'),
  appSecret: z.string().optional().describe('App secret; signs the webhooks that come in.'),
  verifyToken: z.string().optional().describe('A word of your own that Meta repeats when it verifies the webhook.'),
  subscriptions: subscriptions.optional().describe('How people subscribe by message; without it nobody can.'),
  graphVersion,
});

const template = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9_]{1,512}$/, 'lower-case letters, digits and _')
    .describe('Name of the approved template.'),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(_[A-Za-z]{2,4})?$/, 'a language code such as ar or en_US')
    .describe('Language code of the approved template, such as ar or en_US.'),
  text: z
    .string()
    .default('{{1}}\n\n{{2}}')
    .describe(
      'Body of the template as approved, with {{1}} for the headline and {{2}} for the summary: makes lengths and previews exact.',
    ),
  header: z.enum(['none', 'image']).default('none').describe('Whether the template has a picture on top.'),
});

const channel = z
  .strictObject({
    recipients: z
      .array(z.string().regex(/^\+[1-9]\d{6,14}$/, 'a phone number such as "+963900000000" in quotes'))
      .min(1, 'at least one phone number')
      .optional()
      .describe('The people this channel writes to: phone numbers with country code, in quotes.'),
    subscribers: z
      .literal(true)
      .optional()
      .describe('Instead of recipients: it writes to the people who have subscribed to its account.'),
    template: template
      .default({ name: 'news', language: 'ar', text: '{{1}}\n\n{{2}}', header: 'none' })
      .describe('The approved template to send.'),
    templates: z
      .array(template)
      .optional()
      .describe('Approved templates for subscribers whose language is another one.'),
    mode: z
      .enum(['template', 'text', 'window'])
      .optional()
      .describe(
        'template: an approved template. text: free text, which reaches only those who wrote within 24 hours. window: free text to those, the template to the others. Default: window for subscribers, else template.',
      ),
    optOut: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('Line at the end of free text to subscribers that says how to stop.'),
  })
  .refine(({ recipients, subscribers }) => (recipients === undefined) !== (subscribers === undefined), {
    path: ['recipients'],
    message: 'either recipients or subscribers: true',
  });

/** Meta: throughput (80 a second until a number is upgraded), messaging limits (250 people until the portfolio is verified). */
const rates: readonly RateRule[] = [
  { id: 'number', about: 'messages of one number', scope: 'account', rates: [{ count: 80, perMs: 1_000 }] },
  { id: 'recipient', about: 'messages to one person', scope: 'recipient', rates: [{ count: 1, perMs: 6_000 }] },
  {
    id: 'recipients',
    about: 'people that one number writes to first',
    scope: 'account',
    rates: [{ count: 250, perMs: 24 * 3_600_000 }],
    unique: true,
  },
];

type WhatsappAccount = z.infer<typeof account>;

export const whatsapp: Platform<WhatsappAccount, WhatsappChannel> = {
  id: 'whatsapp',
  name: 'WhatsApp',
  limits: { text: limits.text, caption: limits.caption, unit: 'utf16' },
  // Cloud API, media: 5 MB, 8 bits, RGB or RGBA. The longest side is ours: readers pay for the bytes.
  media: { types: ['image/jpeg', 'image/png'], maxBytes: 5 * 1024 * 1024, maxSide: 2560, rgbOnly: true },
  account,
  secrets: ['accessToken', 'appSecret', 'verifyToken'],
  credentials: [['phoneNumberId', 'accessToken']],
  channel,
  targetKeys: ['recipients', 'subscribers'],
  example: {
    account: {
      phoneNumberId: '100000000000001',
      businessAccountId: '200000000000001',
      accessToken: 'example-whatsapp-token',
      graphVersion: 'v26.0',
    },
    channel: {
      recipients: ['+963900000000'],
      template: { name: 'news', language: 'ar', text: '{{1}}\n\n{{2}}', header: 'none' },
      mode: 'template',
    },
  },
  recipients: (channel) => (audienceOf(channel) ? undefined : peopleOf(channel.settings)),
  audience: audienceOf,
  forms: formsOf,
  rates,
  rateKey(rule, { account: { id, settings }, recipient }) {
    const number = settings.phoneNumberId ?? id;
    return rule === 'recipient' ? `${number}/${recipient}` : number;
  },
  pricing: {
    isName: (name) => name === 'default' || /^[1-9]\d{0,6}$/.test(name),
    // Meta prices templates by the country of whoever reads, and changes that each quarter: only what is set counts. Free
    // text inside a person's window costs nothing, and goes nowhere outside it.
    priceOf(_part, { recipient = '', template, prices }) {
      if (!template) return 0;
      // An id says nothing of the number behind it.
      const digits = isScopedId(recipient) ? '' : recipient.replace(/\D/g, '');
      const codes = Object.keys(prices).filter((code) => digits.startsWith(code));
      const longest = codes.sort((a, b) => b.length - a.length)[0] ?? 'default';
      return prices[longest] ?? 0;
    },
  },
  corrections: ['reply', 'leave'],
  measure: (text) => measureUtf16(text, limits.text),
  layout,
  needsPicture: ({ settings }) => modeOf(settings) !== 'text' && settings.template.header === 'image',
  templatesOf: ({ settings }) =>
    modeOf(settings) === 'text' ? [] : [settings.template, ...(settings.templates ?? [])],
  businessKey: 'businessAccountId',
  usesLayout: (settings) => modeOf(settings) !== 'template',
  compose: (article, channel) =>
    modeOf(channel.settings) === 'text' ? composeText(article, channel) : composeTemplate(article, channel),
  webhook: whatsappWebhook,
  subscriptions: ({ settings }) => settings.subscriptions && toSubscriptions(settings.subscriptions),
  unsubscribing,
  remoteIdOf: whatsappRemoteId,
  open,
};

/** Uploaded pictures are kept by Meta for 30 days; ours are used again for a day. */
const uploadReuseMs = 24 * 60 * 60 * 1000;

function open({ settings, apiRoot, sandbox }: Account<WhatsappAccount>): Publisher<WhatsappChannel> {
  const { phoneNumberId = '', accessToken = '', appSecret, verifyToken, graphVersion: version } = settings;
  const client = createGraphClient({
    platform: 'WhatsApp',
    apiRoot,
    version,
    accessToken,
    secrets: [accessToken, appSecret, verifyToken],
  });
  const uploads = createUploads(uploadReuseMs);

  async function uploadOne(media: Media, signal: AbortSignal): Promise<string> {
    const form = multipart({ messaging_product: 'whatsapp', type: media.mimeType }, 'file', media);
    const answer = await client.call(
      { method: 'POST', path: `/${phoneNumberId}/media`, ...form },
      { signal },
      whatsappFailure,
    );
    const { id } = answer as { id?: unknown };
    if (typeof id !== 'string')
      throw new RejectedError('WhatsApp took the picture, but its answer names no media id.', { code: 'unreadable' });
    return id;
  }

  return {
    upload: (request, { signal }) =>
      Promise.all(request.media.map((media) => uploads.once(media.hash, () => uploadOne(media, signal)))),
    async send(request, call) {
      const answer = await client.call(
        {
          method: 'POST',
          path: `/${phoneNumberId}/messages`,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(message(request)),
        },
        call,
        whatsappFailure,
      );
      const [first] = (answer as { messages?: { id?: unknown; message_status?: unknown }[] }).messages ?? [];
      if (typeof first?.id !== 'string' || first.id === '') {
        throw new UnconfirmedError('WhatsApp accepted something, but its answer names no message.', {
          code: 'unreadable',
        });
      }
      return {
        remoteId: first.id,
        ...(sandbox ? { url: `${client.root}/p/${encodeURIComponent(first.id)}` } : {}),
        at: new Date().toISOString(),
        status: typeof first.message_status === 'string' ? first.message_status : 'accepted',
      };
    },
    async templates(call) {
      const { businessAccountId } = settings;
      if (!businessAccountId) {
        throw new RejectedError('businessAccountId is not set, so the account cannot be asked for its templates.', {
          code: 'no-business-account',
        });
      }
      return listTemplates((path) => client.call({ method: 'GET', path }, call, whatsappFailure), businessAccountId);
    },
    async answer(to, answer, call) {
      const body = JSON.stringify(answerMessage(to, answer));
      const headers = { 'content-type': 'application/json' };
      const request = { method: 'POST', path: `/${phoneNumberId}/messages`, headers, body } as const;
      await client.call(request, call, whatsappFailure);
    },
    async identify(call) {
      const path = `/${phoneNumberId}?fields=display_phone_number,verified_name`;
      const answer = await client.call({ method: 'GET', path }, call, whatsappFailure);
      const { verified_name: name, display_phone_number: number } = answer as Record<string, unknown>;
      return [name, number].filter(Boolean).join(' ') || phoneNumberId;
    },
    close: client.close,
  };
}

/** The body of POST /{phone-number-id}/messages (Meta's OpenAPI, business messaging v23.0). */
function message({ post, part, recipient = '', uploads, deliveryId, replyTo }: SendRequest<WhatsappChannel>): object {
  const content = post.parts[part];
  const common = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...(recipient.startsWith('+') ? { to: recipient } : { recipient }),
    // Comes back in every status, so that a lost answer can be matched later.
    biz_opaque_callback_data: deliveryId,
  };
  const [image] = uploads;
  if (post.template) {
    const { name, language, parameters, headerImage } = post.template;
    if (headerImage && !image) {
      throw new RejectedError('The template has a picture on top, and the article has none that can be used.', {
        code: 'no-picture',
      });
    }
    const header = headerImage ? [{ type: 'header', parameters: [{ type: 'image', image: { id: image } }] }] : [];
    const body = { type: 'body', parameters: parameters.map((text) => ({ type: 'text', text })) };
    return {
      ...common,
      type: 'template',
      template: { name, language: { code: language }, components: [...header, body] },
    };
  }
  const text = content?.markup ?? content?.text ?? '';
  // Cloud API, contextual replies: above a template none would be shown.
  const context = replyTo ? { context: { message_id: replyTo.remoteId } } : {};
  if (image) return { ...common, ...context, type: 'image', image: { id: image, caption: text } };
  return { ...common, ...context, type: 'text', text: { body: text, preview_url: content?.link !== undefined } };
}
