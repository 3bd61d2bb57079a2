import { keepPicture } from './picture.ts';
import type { SandboxMedia } from './record.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite, Simulation } from './server.ts';
import { parseTelegramHtml } from './telegram-html.ts';
import {
  chat,
  chatOf,
  escaped,
  listOf,
  type Message,
  measured,
  message,
  objectOf,
  previewed,
} from './telegram-message.ts';

const maxText = 4096;
const maxCaption = 1024;
const maxRawBytes = 32_768;
const maxPhotoBytes = 10 * 1024 * 1024;
const route = /^\/bot([^/]+)\/(\w+)$/;
const publishing = new Set(['sendMessage', 'sendPhoto', 'sendMediaGroup']);
const changing = new Set(['editMessageText', 'editMessageCaption', 'deleteMessage', 'deleteMessages']);

const refusals: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden: bot was kicked from the channel chat',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  504: 'Gateway Timeout',
};

const fail = (code: number, description: string, parameters?: object): SandboxAnswer => ({
  status: code,
  json: { ok: false, error_code: code, description, ...(parameters ? { parameters } : {}) },
});
const bad = (what: string) => fail(400, `Bad Request: ${what}`);
const ok = (result: unknown): SandboxAnswer => ({ status: 200, json: { ok: true, result } });

/**
 * Telegram's Bot API, as its server's source has it: lengths after entity parsing in code points, the tag list, message
 * ids that count up per chat. Any well-formed token is let in; chats named `@missing…` do not exist.
 * Settings: `closedChats`: chats that the bot was kicked from.
 */
export function simulateTelegram(site: SandboxSite): Simulation {
  const lastId = new Map<string, number>();

  function accept({ fields }: SandboxRequest, { text, markup, limit, media }: Message): object | SandboxAnswer {
    const chat = chatOf(fields);
    const reply = objectOf(fields.reply_parameters);
    const replyTo = reply?.message_id === undefined ? undefined : `${chat}/${reply.message_id}`;
    const before = replyTo === undefined ? undefined : site.record.get(replyTo);
    const answered = before !== undefined && before.removed !== true;
    if (replyTo !== undefined && !answered && reply?.allow_sending_without_reply !== true) {
      return bad('message to be replied not found');
    }
    const number = (lastId.get(chat) ?? highest(site, chat)) + 1;
    lastId.set(chat, number);
    const link = media.length > 0 ? undefined : previewed(fields, text, markup);
    site.accept({
      id: `${chat}/${number}`,
      target: chat,
      text,
      ...(markup === undefined ? {} : { markup }),
      ...measured(text),
      limit,
      media,
      ...(link === undefined ? {} : { link }),
      ...(answered && replyTo !== undefined ? { replyTo } : {}),
      raw: fields,
    });
    return message(chat, number, media.length > 0 ? { caption: text } : { text });
  }

  const reply = (result: object | SandboxAnswer): SandboxAnswer =>
    'status' in result ? (result as SandboxAnswer) : ok(result);

  function content(
    fields: Record<string, unknown>,
    name: 'text' | 'caption',
    limit: number,
  ): { text: string; markup: string | undefined } | SandboxAnswer {
    const raw = fields[name] ?? '';
    if (typeof raw !== 'string') return bad(`${name} must be a string`);
    if (Buffer.byteLength(raw) > maxRawBytes) return bad('Text is too long');
    const mode = String(fields.parse_mode ?? '').toLowerCase();
    if (mode !== '' && mode !== 'html') return bad('unsupported parse_mode');
    const parsed = mode === '' ? { text: raw.trim() } : parseTelegramHtml(raw);
    if ('error' in parsed) return bad(`can't parse entities: ${parsed.error}`);
    if (name === 'text' && parsed.text === '')
      return bad(raw === '' ? 'message text is empty' : 'text must be non-empty');
    if (measured(parsed.text).length > limit)
      return bad(name === 'text' ? 'message is too long' : 'message caption is too long');
    return { text: parsed.text, markup: mode === '' ? undefined : raw };
  }

  function photo(request: SandboxRequest, given: unknown): SandboxMedia | SandboxAnswer {
    const attached =
      typeof given === 'string' && given.startsWith('attach://') ? given.slice('attach://'.length) : 'photo';
    const file = request.files.find(({ name }) => name === attached);
    if (!file) {
      if (typeof given !== 'string' || given === '') return bad('there is no photo in the request');
      if (!/^https?:\/\//.test(given)) return bad('wrong file identifier/HTTP URL specified');
      return { kind: 'photo', mimeType: 'image/*', bytes: 0, sha256: '', width: 0, height: 0, url: given };
    }
    if (file.bytes.length > maxPhotoBytes) return fail(413, 'Request Entity Too Large');
    const kept = keepPicture(site.record, file.bytes);
    if (!kept) return bad('IMAGE_PROCESS_FAILED');
    if (kept.width + kept.height > 10_000 || Math.max(kept.width / kept.height, kept.height / kept.width) > 20) {
      return bad('PHOTO_INVALID_DIMENSIONS');
    }
    return kept;
  }

  /** An album is a message per picture, each with its own id; one that is refused refuses them all. */
  function album(request: SandboxRequest): SandboxAnswer {
    const items = listOf(request.fields.media);
    if (items.length < 2 || items.length > 10) return bad('the number of media in an album must be from 2 to 10');
    const messages: Message[] = [];
    for (const [index, item] of items.entries()) {
      const { type, media, ...rest } = objectOf(item) ?? {};
      if (type !== 'photo') return bad(`media of type "${String(type)}" is not simulated here; only photo is`);
      const picture = photo(request, media);
      const found = 'status' in picture ? picture : content(rest, 'caption', maxCaption);
      if ('status' in found) {
        const { description } = found.json as { description: string };
        return bad(
          `failed to send message #${index + 1} with the error message "${description.replace(/^Bad Request: /, '')}"`,
        );
      }
      messages.push({ ...found, limit: maxCaption, media: [picture as SandboxMedia] });
    }
    const results: object[] = [];
    for (const one of messages) {
      const result = accept(request, one);
      if ('status' in result) return result as SandboxAnswer;
      results.push(result);
    }
    return ok(results);
  }

  function edit({ fields }: SandboxRequest, name: 'text' | 'caption'): SandboxAnswer {
    const id = `${chatOf(fields)}/${fields.message_id}`;
    const post = site.record.get(id);
    if (!post || post.removed) return bad('message to edit not found');
    if (post.media.length > 0 !== (name === 'caption')) return bad('there is no text in the message to edit');
    const next = content(fields, name, post.limit);
    if ('status' in next) return next;
    if (next.text === post.text && next.markup === post.markup) {
      return bad(
        'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
      );
    }
    const { text } = next;
    const markup = next.markup ?? escaped(text);
    site.record.update(id, { text, markup, ...measured(text), edited: true });
    return ok(message(post.target, Number(fields.message_id), { [name]: next.text }));
  }

  function remove({ fields }: SandboxRequest): SandboxAnswer {
    const ids = fields.message_ids ?? [fields.message_id];
    for (const number of Array.isArray(ids) ? ids : []) {
      const post = site.record.get(`${chatOf(fields)}/${number}`);
      if (fields.message_ids === undefined && (!post || post.removed)) return bad('message to delete not found');
      if (post && Date.now() - Date.parse(post.at) > 48 * 3_600_000) return bad("message can't be deleted");
      if (post) site.record.update(post.id, { removed: true });
    }
    return ok(true);
  }

  const methods: Record<string, (request: SandboxRequest) => SandboxAnswer> = {
    getMe: () => ok({ id: 1, is_bot: true, first_name: 'Munadi sandbox', username: 'munadi_sandbox_bot' }),
    getChat: ({ fields }) => ok(chat(chatOf(fields))),
    setWebhook: ({ fields }) =>
      /^https:/.test(String(fields.url ?? ''))
        ? ok(true)
        : bad('bad webhook: An HTTPS URL must be provided for webhook'),
    sendMessage(request) {
      const found = content(request.fields, 'text', maxText);
      return 'status' in found ? found : reply(accept(request, { ...found, limit: maxText, media: [] }));
    },
    sendPhoto(request) {
      const picture = photo(request, request.fields.photo);
      if ('status' in picture) return picture;
      const found = content(request.fields, 'caption', maxCaption);
      return 'status' in found ? found : reply(accept(request, { ...found, limit: maxCaption, media: [picture] }));
    },
    sendMediaGroup: album,
    editMessageText: (request) => edit(request, 'text'),
    editMessageCaption: (request) => edit(request, 'caption'),
    deleteMessage: remove,
    deleteMessages: remove,
  };

  return {
    platform: 'telegram',
    classify({ path, fields }) {
      const method = path.match(route)?.[2] ?? 'unknown';
      const kind = publishing.has(method) ? 'publish' : changing.has(method) ? 'change' : 'read';
      return { kind, target: fields.chat_id === undefined ? undefined : chatOf(fields), endpoint: method };
    },
    handle(request) {
      const [, token = '', method = ''] = request.path.match(route) ?? [];
      if (!/^\d+:[\w-]+$/.test(token)) return fail(404, 'Not Found');
      const run = methods[method];
      if (!run) return fail(404, 'Not Found: method not found');
      if (request.malformed) return bad("can't parse JSON object");
      if (publishing.has(method) || changing.has(method) || method === 'getChat') {
        const target = chatOf(request.fields);
        if (target === '') return bad('chat_id is empty');
        if (!/^(@[A-Za-z]\w{3,31}|-?\d+)$/.test(target) || target.startsWith('@missing')) return bad('chat not found');
        const closed = site.settings.closedChats;
        if (Array.isArray(closed) && closed.includes(target))
          return fail(403, 'Forbidden: bot was kicked from the channel chat');
      }
      return run(request);
    },
    refusal({ status, code, retryAfter }) {
      if (status === 429)
        return fail(
          429,
          `Too Many Requests: retry after ${retryAfter ?? 1}`,
          retryAfter === undefined ? undefined : { retry_after: retryAfter },
        );
      if (code !== undefined) return fail(status, String(code));
      return fail(status, refusals[status] ?? 'Bad Request: refused');
    },
    expiredToken: () => fail(401, 'Unauthorized'),
  };
}

function highest({ record }: SandboxSite, chat: string): number {
  return record
    .all()
    .reduce((most, { target, id }) => (target === chat ? Math.max(most, Number(id.split('/').at(-1))) : most), 0);
}
