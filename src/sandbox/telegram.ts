import { z } from 'zod';
import type { SandboxMedia, SandboxPost } from './post.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite, Simulation } from './simulation.ts';
import { bad, contentOf, fail, maxCaption, maxText, ok, photoOf } from './telegram-content.ts';
import {
  chat,
  chatOf,
  escaped,
  isSameContent,
  listOf,
  type Message,
  measured,
  message,
  objectOf,
  previewed,
} from './telegram-message.ts';

const route = /^\/bot([^/]+)\/(\w+)$/;
const publishing = new Set(['sendmessage', 'sendphoto', 'sendmediagroup']);
const changing = new Set(['editmessagetext', 'editmessagecaption', 'deletemessage', 'deletemessages']);
/** Bot API, deleteMessage. */
const deletableMs = 48 * 3_600_000;

const settings = z.strictObject({
  /** Chats that the bot was kicked from. */
  closedChats: z.array(z.string()).optional(),
  /** Posts count as so much older than they are (milliseconds). */
  ageMs: z.number().min(0).optional(),
});

const refusals: Record<number, string> = {
  400: 'Bad Request: refused',
  401: 'Unauthorized',
  403: 'Forbidden: bot was kicked from the channel chat',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  504: 'Gateway Timeout',
};

/**
 * Telegram's Bot API, as its server's source has it: lengths after entity parsing in code points, the tag list, message
 * ids that count up per chat. Any well-formed token is let in; chats named `@missing…` do not exist.
 * A message is changed only by the bot that sent it, as if no other had the right to; edits know no age.
 * Photos are the only media, and are not fetched where they are given by address; HTML is the only parse mode; entities
 * beyond the hundredth, and what may not nest in code or quotations, are let through where Telegram would drop them.
 */
export function simulateTelegram(site: SandboxSite): Simulation {
  /** Message ids go on after a reset, as Telegram gives none twice. */
  const lastId = new Map<string, number>();
  for (const { target, id } of site.record.all()) {
    lastId.set(target, Math.max(lastId.get(target) ?? 0, Number(id.split('/').at(-1))));
  }

  /** Whether the bot of a request may change a post. */
  const isOwn = ({ path }: SandboxRequest, { bot }: SandboxPost) => bot === undefined || bot === botOf(path);

  function ageOf({ at }: SandboxPost): number {
    const { ageMs = 0 } = site.settings as z.infer<typeof settings>;
    return Date.now() - Date.parse(at) + ageMs;
  }

  function accept({ path, fields }: SandboxRequest, { text, markup, limit, media }: Message): object | SandboxAnswer {
    const chat = chatOf(fields);
    const answering = replyOf(fields);
    if ('status' in answering) return answering;
    const replyTo = answering.to === undefined ? undefined : `${chat}/${answering.to}`;
    const before = replyTo === undefined ? undefined : site.record.get(replyTo);
    const answered = before !== undefined && before.removed !== true;
    if (replyTo !== undefined && !answered && !answering.orWithout) return bad('message to be replied not found');
    if (!isReadable(fields.link_preview_options)) return bad("can't parse link preview options JSON object");
    const number = (lastId.get(chat) ?? 0) + 1;
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
      bot: botOf(path),
      raw: fields,
    });
    return message(chat, number, media.length > 0 ? { caption: text } : { text });
  }

  const reply = (result: object | SandboxAnswer): SandboxAnswer =>
    'status' in result ? (result as SandboxAnswer) : ok(result);

  /** An album is a message per picture, each with its own id; one that is refused refuses them all. */
  function album(request: SandboxRequest): SandboxAnswer {
    const items = listOf(request.fields.media);
    if (items.length < 2 || items.length > 10) return bad('the number of media in an album must be from 2 to 10');
    const messages: Message[] = [];
    for (const [index, item] of items.entries()) {
      const { type, media, ...rest } = objectOf(item) ?? {};
      if (type !== 'photo') return bad(`media of type "${String(type)}" is not simulated here; only photo is`);
      const picture = photoOf(site.record, request, media);
      const found = 'status' in picture ? picture : contentOf(rest, 'caption', maxCaption);
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

  function edit(request: SandboxRequest, name: 'text' | 'caption'): SandboxAnswer {
    const { fields } = request;
    const id = `${chatOf(fields)}/${fields.message_id}`;
    const post = site.record.get(id);
    if (!post || post.removed) return bad('message to edit not found');
    if (!isOwn(request, post)) return bad("message can't be edited");
    if (post.media.length > 0 !== (name === 'caption')) return bad(`there is no ${name} in the message to edit`);
    const next = contentOf(fields, name, post.limit);
    if ('status' in next) return next;
    if (!isReadable(fields.link_preview_options)) return bad("can't parse link preview options JSON object");
    const link = post.media.length > 0 ? undefined : previewed(fields, next.text, next.markup);
    if (isSameContent(next, post) && link === post.link) {
      return bad(
        'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
      );
    }
    const { text } = next;
    const markup = next.markup ?? escaped(text);
    site.record.update(id, { text, markup, ...measured(text), link, edited: true });
    return ok(message(post.target, Number(fields.message_id), { [name]: next.text }));
  }

  /** One that is not there fails a single deletion; among several it is passed over. */
  function remove(request: SandboxRequest): SandboxAnswer {
    const { fields } = request;
    const several = fields.message_ids !== undefined;
    const numbers = several ? listOf(fields.message_ids) : [fields.message_id];
    if (numbers.length < 1 || numbers.length > 100) return bad('message identifiers are not specified');
    const found = numbers
      .map((number) => site.record.get(`${chatOf(fields)}/${number}`))
      .flatMap((post) => (post && !post.removed ? [post] : []));
    if (!several && found.length === 0) return bad('message to delete not found');
    if (found.some((post) => !isOwn(request, post) || ageOf(post) > deletableMs)) {
      return bad("message can't be deleted");
    }
    for (const { id } of found) site.record.update(id, { removed: true });
    return ok(true);
  }

  const methods = inLowerCase({
    getMe: () => ok({ id: 1, is_bot: true, first_name: 'Munadi sandbox', username: 'munadi_sandbox_bot' }),
    getChat: ({ fields }) => ok(chat(chatOf(fields))),
    setWebhook: ({ fields }) =>
      /^https:/.test(String(fields.url ?? ''))
        ? ok(true)
        : bad('bad webhook: An HTTPS URL must be provided for webhook'),
    sendMessage(request) {
      const found = contentOf(request.fields, 'text', maxText);
      return 'status' in found ? found : reply(accept(request, { ...found, limit: maxText, media: [] }));
    },
    sendPhoto(request) {
      const picture = photoOf(site.record, request, request.fields.photo);
      if ('status' in picture) return picture;
      const found = contentOf(request.fields, 'caption', maxCaption);
      return 'status' in found ? found : reply(accept(request, { ...found, limit: maxCaption, media: [picture] }));
    },
    sendMediaGroup: album,
    editMessageText: (request) => edit(request, 'text'),
    editMessageCaption: (request) => edit(request, 'caption'),
    deleteMessage: remove,
    deleteMessages: remove,
  });

  return {
    platform: 'telegram',
    settings,
    // Bots FAQ, "My bot is hitting limits": about so much. That channels count as groups is unconfirmed.
    limits: {
      account: { rates: ['30/1s'] },
      chat: { rates: ['1/1s'] },
      group: { rates: ['20/1m'] },
    },
    // Of changes nothing is published: edits are taken to count in their chat, and all calls for the bot.
    counted(request) {
      const name = request.path.match(route)?.[2]?.toLowerCase() ?? '';
      const chat = chatOf(given(request));
      const bot = botOf(request.path);
      const all = { account: { scope: bot } };
      if (name.startsWith('delete')) return all;
      const own = { ...all, chat: { scope: `${bot}/${chat.toLowerCase()}` } };
      return name.startsWith('edit') || /^\d/.test(chat) ? own : { ...own, group: own.chat };
    },
    tooEarly: ({ waitMs }) => tooMany(Math.max(1, Math.ceil(waitMs / 1_000))),
    classify(request) {
      const method = request.path.match(route)?.[2] ?? 'unknown';
      const name = method.toLowerCase();
      const kind = publishing.has(name) ? 'publish' : changing.has(name) ? 'change' : 'read';
      const fields = given(request);
      return { kind, target: fields.chat_id === undefined ? undefined : chatOf(fields), endpoint: method };
    },
    handle(request) {
      const [, token = '', method = ''] = request.path.match(route) ?? [];
      if (!/^\d+:[\w-]+$/.test(token)) return fail(404, 'Not Found');
      const name = method.toLowerCase();
      const run = methods.get(name);
      if (!run) return fail(404, 'Not Found: method not found');
      if (request.malformed) return bad("can't parse JSON object");
      const fields = given(request);
      if (publishing.has(name) || changing.has(name) || name === 'getchat') {
        const target = chatOf(fields);
        if (target === '') return bad('chat_id is empty');
        if (!/^(@[A-Za-z]\w{3,31}|-?\d+)$/.test(target) || target.startsWith('@missing')) return bad('chat not found');
        const { closedChats } = site.settings as z.infer<typeof settings>;
        if (closedChats?.includes(target)) return fail(403, 'Forbidden: bot was kicked from the channel chat');
      }
      return run({ ...request, fields });
    },
    refusal({ status, code, retryAfter }) {
      if (status === 429) return tooMany(retryAfter);
      if (code !== undefined) return fail(status, String(code));
      return fail(status, refusals[status] ?? 'Bad Request: refused');
    },
    expiredToken: () => fail(401, 'Unauthorized'),
  };
}

/** Public number of the bot whose token stands in a path. */
function botOf(path: string): string {
  return path.match(route)?.[1]?.split(':')[0] ?? '';
}

function tooMany(retryAfter: number | undefined): SandboxAnswer {
  const parameters = retryAfter === undefined ? undefined : { retry_after: retryAfter };
  return fail(429, `Too Many Requests: retry after ${retryAfter ?? 1}`, parameters);
}

/** Methods are called in any case; parameters come in the body, or in the address (Bot API, making requests). */
function inLowerCase(methods: Record<string, (request: SandboxRequest) => SandboxAnswer>) {
  return new Map(Object.entries(methods).map(([name, run]) => [name.toLowerCase(), run]));
}

function given({ query, fields }: SandboxRequest): Record<string, unknown> {
  return query.size === 0 ? fields : { ...Object.fromEntries(query), ...fields };
}

/** The message that a request answers; a parameter that cannot be read is refused, as the Bot API server does. */
function replyOf(fields: Record<string, unknown>): { to?: unknown; orWithout: boolean } | SandboxAnswer {
  const { reply_parameters: parameters } = fields;
  if (!isReadable(parameters)) return bad("can't parse reply parameters JSON object");
  // Before Bot API 7.0 both stood among the message's own parameters; the server still takes them there.
  const { message_id: to, allow_sending_without_reply: orWithout } =
    parameters === undefined ? { ...fields, message_id: fields.reply_to_message_id } : (objectOf(parameters) ?? {});
  return { to, orWithout: String(orWithout) === 'true' };
}

function isReadable(value: unknown): boolean {
  const object = value === undefined ? {} : objectOf(value);
  return typeof object === 'object' && object !== null && !Array.isArray(object);
}
