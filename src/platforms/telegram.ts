import { z } from 'zod';
import type { Account } from '../core/channel.ts';
import { UnconfirmedError } from '../core/errors.ts';
import type { RateRule } from '../core/limits.ts';
import type { Platform, Publisher, SendRequest } from '../core/platform.ts';
import type { PostPart, Receipt } from '../core/post.ts';
import { plainMarks } from '../text/bidi.ts';
import { escapeHtml } from '../text/escape.ts';
import { limits as counted, measureUtf16 } from '../text/measure.ts';
import type { Medium } from '../text/medium.ts';
import { visibleTelegram } from '../text/visible.ts';
import { asCall, type CallState } from './shared/call.ts';
import { changed, replacementIn, unreadableChange } from './shared/change.ts';
import { composeDigest } from './shared/digest.ts';
import { trimRoot } from './shared/failures.ts';
import { telegramRemoteId } from './shared/remote-id.ts';
import { articleFor, composeStory, linkThatFits } from './shared/story.ts';
import { createTelegramClient } from './shared/telegram-client.ts';
import { changeFailure } from './shared/telegram-errors.ts';

const account = z.strictObject({
  token: z.string().optional().describe('Bot token, as @BotFather gives it.'),
});

const channel = z.strictObject({
  chat: z
    .string()
    .regex(/^(@[A-Za-z]\w{3,31}|-?\d+)$/, 'a public name such as "@channel", or a numeric id such as "-1001234567890"')
    .describe('Channel or group: "@name", or the numeric id in quotes.'),
  linkPreview: z.boolean().default(true).describe('Show a preview of the article below the text.'),
  silent: z.boolean().default(false).describe('Deliver without a sound.'),
  messages: z
    .int()
    .min(1)
    .max(10)
    .default(1)
    .describe('Tell a long article in up to this many messages, each a reply to the one before; 1: a summary.'),
});

type TelegramAccount = z.infer<typeof account>;
type TelegramChannel = z.infer<typeof channel>;

/** Bot API, sendMessage and sendPhoto: characters after entity parsing; bytes of raw text by the server's source. */
const limits = { text: counted.telegramText, caption: counted.telegramCaption, rawBytes: 32_768 };

/**
 * Bots FAQ (by way of grammY's guide to flood limits); the exact limits are unpublished, and of edits and deletions it says
 * nothing: that they count as written here is inferred from floods that were reported.
 */
const rates: readonly RateRule[] = [
  {
    ...{ id: 'account', about: 'messages of one bot', scope: 'account', acts: ['send', 'edit', 'remove'] },
    rates: [{ count: 30, perMs: 1_000 }],
  },
  {
    ...{ id: 'chat', about: 'messages to one chat', scope: 'chat', acts: ['send', 'edit'] },
    rates: [{ count: 1, perMs: 1_000 }],
  },
  { id: 'group', about: 'messages to one group or channel', scope: 'chat', rates: [{ count: 20, perMs: 60_000 }] },
];

const markup = {
  escape: escapeHtml,
  visible: (html: string) =>
    Buffer.byteLength(html) < limits.rawBytes
      ? visibleTelegram(html)
      : { text: '', problem: `it has more than ${limits.rawBytes} bytes` },
};

const medium: Medium = {
  name: 'Telegram',
  forms: {
    photo: { limit: limits.caption, summary: 600 },
    text: { limit: limits.text, summary: 1100 },
    headline: { limit: limits.text, summary: 0 },
  },
  ladder: ['photo', 'text', 'headline'],
  hashtags: 3,
  measure: (text) => text.length,
  layout: {
    name: 'the built-in template of Telegram',
    source: '<b>{{ headline }}</b>\n\n{{ summary }}\n\n{{ hashtags }}\n\n{{ link }}',
  },
  ...markup,
  list: {
    title: (text) => `<b>${text}</b>`,
    linked: (text, url) => `<a href="${escapeHtml(url).replaceAll('"', '&quot;')}">${text}</a>`,
  },
  marks: plainMarks,
  paragraphBreak: '\n\n',
  background: true,
};

export const telegram: Platform<TelegramAccount, TelegramChannel> = {
  id: 'telegram',
  name: 'Telegram',
  limits: { text: limits.text, caption: limits.caption, unit: 'utf16' },
  // Bot API, sendPhoto: 10 MB, width and height together 10000, ratio 20. Apps show 2560 pixels at most. WebP is taken too,
  // and shown as a sticker by some of them.
  media: {
    types: ['image/jpeg', 'image/png'],
    maxBytes: 10 * 1024 * 1024,
    maxSide: 2560,
    maxSum: 10_000,
    maxRatio: 20,
  },
  account,
  secrets: ['token'],
  credentials: [['token']],
  channel,
  targetKeys: ['chat'],
  example: {
    account: { token: '1234567890:example-token-for-the-sandbox' },
    channel: { chat: '@munadi_example', linkPreview: true, silent: false, messages: 1 },
  },
  rates,
  rateKey(rule, { account: { id, settings }, channel }) {
    const { chat } = channel.settings;
    // The part before the colon is the bot's public id.
    const bot = settings.token?.split(':')[0] ?? id;
    if (rule === 'account') return bot;
    // People have positive ids.
    return rule === 'group' && /^\d/.test(chat) ? undefined : `${bot}/${chat}`;
  },
  corrections: ['edit', 'reply', 'repost', 'leave'],
  measure: (text) => measureUtf16(text, limits.text),
  layout: medium.layout.source,
  markup,

  compose(given, channel) {
    const article = articleFor(given, channel);
    const { settings } = channel;
    if (article.digest) {
      return composeDigest(article, channel, medium, { platform: 'telegram', unit: 'utf16', parts: settings.messages });
    }
    const most = article.images.length > 0 ? limits.caption : limits.text;
    const { link, warnings } = linkThatFits(article, channel, (link) => link.length + 3 <= most);
    const post = composeStory(article, channel, medium, {
      platform: 'telegram',
      unit: 'utf16',
      link,
      preview: settings.linkPreview ? link : undefined,
      parts: settings.messages,
    });
    return { ...post, warnings: [...warnings, ...post.warnings] };
  },

  remoteIdOf: telegramRemoteId,
  open,
};

function open({ settings, apiRoot, sandbox }: Account<TelegramAccount>): Publisher<TelegramChannel> {
  const { token = '' } = settings;
  const root = trimRoot(apiRoot ?? 'https://api.telegram.org');
  const client = createTelegramClient(root, token);

  /** The answer to a change is the message as it is now, or `true`. */
  async function change(what: 'edit' | 'remove', method: string, payload: Record<string, unknown>, call: CallState) {
    const result = await client.callApi(method, payload, call).catch(changeFailure(what));
    if (result !== true && (typeof result !== 'object' || result === null)) throw unreadableChange('Telegram');
  }

  return {
    send: (request, call) =>
      asCall(call, async (state) => {
        const [method, payload] = message(request);
        const result = (await client.callApi(method, payload, state)) as { message_id?: unknown } | undefined;
        if (!result || typeof result.message_id !== 'number') {
          throw new UnconfirmedError('Telegram accepted something, but its answer names no message.', {
            code: 'unreadable',
          });
        }
        return receipt(result.message_id, request.channel.settings.chat, sandbox ? root : undefined);
      }),
    edit: (request, call) =>
      asCall(call, async (state) => {
        const { live, before } = request;
        const captioned = before.media.length > 0;
        const limit = captioned ? limits.caption : limits.text;
        const content = replacementIn(request, { limit, measure: telegram.measure });
        const common = { ...placeOf(live), parse_mode: 'HTML' };
        const [method, payload] = captioned
          ? ['editMessageCaption', { ...common, caption: htmlOf(content) }]
          : ['editMessageText', { ...common, text: htmlOf(content), link_preview_options: previewOf(content.link) }];
        await change('edit', method as string, payload as Record<string, unknown>, state);
        return changed(live);
      }),
    remove: ({ live }, call) =>
      asCall(call, async (state) => {
        await change('remove', 'deleteMessage', placeOf(live), state);
        return changed(live);
      }),
    notify: (chat, text, call) =>
      asCall(call, async (state) => {
        await client.callApi(
          'sendMessage',
          { chat_id: chat, text, link_preview_options: { is_disabled: true } },
          state,
        );
      }),
    identify: (call) =>
      asCall(call, async (state) => {
        const me = (await client.callApi('getMe', {}, state)) as { username?: string } | undefined;
        return `@${me?.username ?? 'unknown'}`;
      }),
    close: client.close,
  };
}

/** Method and parameters of one part. telegraf sends plain objects of a multipart call only when they are JSON text. */
function message({
  post,
  part,
  channel,
  media,
  earlier,
  replyTo,
}: SendRequest<TelegramChannel>): [string, Record<string, unknown>] {
  const content = post.parts[part];
  if (!content) throw new Error(`The post has no part ${part}.`);
  const { chat, silent } = channel.settings;
  const before = placeOf(earlier.at(-1) ?? replyTo);
  const common = {
    chat_id: chat,
    parse_mode: 'HTML',
    ...(silent ? { disable_notification: true } : {}),
    // Not where the channel has moved: the number means another message there.
    ...(before?.chat_id === chat
      ? { reply_parameters: JSON.stringify({ message_id: before.message_id, allow_sending_without_reply: true }) }
      : {}),
  };
  const [picture] = media;
  if (picture) {
    const filename = `picture.${picture.mimeType.slice('image/'.length)}`;
    return [
      'sendPhoto',
      { ...common, photo: { source: Buffer.from(picture.bytes), filename }, caption: htmlOf(content) },
    ];
  }
  return ['sendMessage', { ...common, text: htmlOf(content), link_preview_options: previewOf(content.link) }];
}

function previewOf(link: string | undefined): object {
  return link === undefined ? { is_disabled: true } : { url: link };
}

/** The HTML of a part; what has none of its own is plain text. */
function htmlOf({ text, markup }: PostPart): string {
  return markup ?? escapeHtml(text);
}

/** Where a message is: the chat that it was sent to, whatever the channel is set to by now. */
function placeOf(message: Receipt): { chat_id: string; message_id: number };
function placeOf(message: Receipt | undefined): { chat_id: string; message_id: number } | undefined;
function placeOf(message: Receipt | undefined) {
  if (!message) return undefined;
  const { remoteId } = message;
  const end = remoteId.lastIndexOf('/');
  return { chat_id: remoteId.slice(0, end), message_id: Number(remoteId.slice(end + 1)) };
}

/** Remote ids are `chat/message`: a message id alone is unique only within its chat. */
function receipt(id: number, chat: string, sandboxRoot: string | undefined): Receipt {
  const remoteId = `${chat}/${id}`;
  const publicUrl = chat.startsWith('@')
    ? `https://t.me/${chat.slice(1)}/${id}`
    : chat.startsWith('-100')
      ? `https://t.me/c/${chat.slice(4)}/${id}`
      : undefined;
  const url = sandboxRoot ? `${sandboxRoot}/p/${encodeURIComponent(chat)}/${id}` : publicUrl;
  return { remoteId, ...(url ? { url } : {}), at: new Date().toISOString() };
}
