import { putBounded } from './bounded.ts';
import { graphFail } from './graph.ts';
import { inspectPicture, keepPicture, pictureAt } from './picture.ts';
import type { SandboxMedia, SandboxPost } from './post.ts';
import type { SandboxRecord } from './record.ts';
import type { SandboxAnswer, SandboxRequest } from './simulation.ts';
import { stretches, visible } from './whatsapp-markup.ts';
import { type FilledTemplate, fillTemplate, invalid, maxTemplateBody, type Template } from './whatsapp-template.ts';

const maxText = 4096;
const maxCaption = 1024;
const maxPictureBytes = 5 * 1024 * 1024;
/** Of interactive messages (Cloud API, interactive reply buttons). */
const most = { body: 1024, footer: 60, buttons: 3, title: 20, id: 256 };
/** Filled templates that are kept: of a message to many only the first is worked on. */
const keptTemplates = 64;

export type Content = Pick<
  SandboxPost,
  'text' | 'length' | 'limit' | 'media' | 'markup' | 'link' | 'template' | 'footer' | 'buttons'
> & { category?: string; shared?: unknown };

/** Reads what a message says, by the rules of its kind; and keeps the pictures that are uploaded. */
export interface ContentReader {
  /** `isOpen`: whether the person's window is, outside which only templates are let through. */
  read(fields: Record<string, unknown>, isOpen: () => boolean): Content | SandboxAnswer;
  upload(request: SandboxRequest): string | SandboxAnswer;
  /** An uploaded picture by its media id. */
  picture(id: string): SandboxMedia | undefined;
}

export function createContentReader(record: SandboxRecord, templates: () => readonly Template[]): ContentReader {
  const uploads = new Map(record.pictures().map((sha256) => [mediaId(sha256), sha256]));
  const filled = new Map<string, { content: Content; image: FilledTemplate['image'] }>();
  let known: readonly Template[] = [];

  function read(fields: Record<string, unknown>, isOpen: () => boolean): Content | SandboxAnswer {
    const type = fields.type ?? 'text';
    if (type === 'template') return fill(fields.template);
    if (!isOpen()) {
      const details = 'More than 24 hours have passed since the customer last replied to this number.';
      return graphFail(400, 131047, '(#131047) Re-engagement message', details);
    }
    if (type === 'text') return freeText(fields.text);
    if (type === 'image') return image(fields.image);
    if (type === 'interactive') return interactive(fields.interactive);
    return graphFail(400, 131051, '(#131051) Unsupported message type', `type ${String(type)} is not supported`);
  }

  function image(given: unknown): Content | SandboxAnswer {
    const { caption = '', ...source } = (given ?? {}) as { caption?: unknown };
    if (typeof caption !== 'string' || caption.length > maxCaption) {
      return invalid(`image.caption must be at most ${maxCaption} characters`);
    }
    const picture = pictureOf(source);
    if ('status' in picture) return picture;
    return { text: visible(caption), markup: caption, length: caption.length, limit: maxCaption, media: [picture] };
  }

  function fill(given: unknown): Content | SandboxAnswer {
    const now = templates();
    if (now !== known) {
      known = now;
      filled.clear();
    }
    const key = JSON.stringify(given) ?? '';
    const before = filled.get(key);
    if (before) return withPicture(before.content, before.image);
    const result = fillTemplate(given, now);
    if ('status' in result) return result;
    const { text, footer, category, template } = result;
    const content: Content = {
      text: visible(text),
      markup: text,
      length: text.length,
      limit: maxTemplateBody,
      media: [],
      template,
      category,
      shared: given,
      ...(footer === undefined ? {} : { footer }),
    };
    putBounded(filled, key, { content, image: result.image }, keptTemplates);
    return withPicture(content, result.image);
  }

  function withPicture(content: Content, source: FilledTemplate['image']): Content | SandboxAnswer {
    if (source === undefined) return content;
    const picture = pictureOf(source);
    return 'status' in picture ? picture : { ...content, media: [picture] };
  }

  function pictureOf(source: { id?: unknown; link?: unknown }): SandboxMedia | SandboxAnswer {
    if (typeof source.link === 'string' && /^https?:\/\//.test(source.link)) return pictureAt(source.link);
    return heldPicture(String(source.id)) ?? refusedPicture('The media id is not known.');
  }

  /** Media ids come from the picture's hash, so that they outlive a restart with the record. */
  function heldPicture(id: string): SandboxMedia | undefined {
    const sha256 = uploads.get(id);
    const picture = sha256 === undefined ? undefined : record.media(sha256);
    const facts = picture && inspectPicture(picture.bytes);
    return facts && sha256 !== undefined ? { kind: 'photo', bytes: picture.bytes.length, sha256, ...facts } : undefined;
  }

  return {
    read,
    picture: heldPicture,
    upload({ fields, files }) {
      const [file] = files;
      if (fields.messaging_product !== 'whatsapp' || !file) return invalid('messaging_product and file are required');
      if (file.bytes.length > maxPictureBytes) return refusedPicture('The picture is larger than 5 MB.');
      const picture = keepPicture(record, file.bytes);
      if (!picture || !/^image\/(jpeg|png)$/.test(picture.mimeType)) {
        return refusedPicture('Only JPEG and PNG pictures are supported.');
      }
      const id = mediaId(picture.sha256);
      uploads.set(id, picture.sha256);
      return id;
    },
  };
}

function freeText(given: unknown): Content | SandboxAnswer {
  const { body, preview_url: preview } = (given ?? {}) as { body?: unknown; preview_url?: unknown };
  if (typeof body !== 'string' || body.trim() === '') {
    return graphFail(400, 131008, '(#131008) Required parameter is missing', 'text.body is required');
  }
  if (body.length > maxText) return invalid(`text.body must be at most ${maxText} characters`);
  const link = preview === true ? stretches(body).find(({ isAddress }) => isAddress)?.text : undefined;
  const text = visible(body);
  return { text, markup: body, length: body.length, limit: maxText, media: [], ...(link ? { link } : {}) };
}

interface Interactive {
  type?: unknown;
  header?: unknown;
  body?: { text?: unknown };
  footer?: { text?: unknown };
  action?: { buttons?: unknown };
}

/** A text with reply buttons; other interactive messages are not simulated. */
function interactive(given: unknown): Content | SandboxAnswer {
  const { type, header, body, footer, action } = (given ?? {}) as Interactive;
  if (type !== 'button') return invalid(`interactive.type ${String(type)} is not simulated here`);
  if (header !== undefined) return invalid('a header of an interactive message is not simulated here');
  const text = body?.text;
  if (typeof text !== 'string' || text.trim() === '' || text.length > most.body) {
    return invalid(`interactive.body.text must be 1 to ${most.body} characters`);
  }
  const small = footer?.text;
  if (footer !== undefined && (typeof small !== 'string' || small === '' || small.length > most.footer)) {
    return invalid(`interactive.footer.text must be 1 to ${most.footer} characters`);
  }
  const buttons = buttonsOf(action?.buttons);
  if (typeof buttons === 'string') return invalid(buttons);
  return {
    text: visible(text),
    markup: text,
    length: text.length,
    limit: most.body,
    media: [],
    buttons,
    ...(typeof small === 'string' ? { footer: small } : {}),
  };
}

/** Titles of the buttons, or what is wrong with them. */
function buttonsOf(given: unknown): string[] | string {
  if (!Array.isArray(given) || given.length < 1 || given.length > most.buttons) {
    return `interactive.action.buttons must be 1 to ${most.buttons}`;
  }
  const replies = given.map((one: { type?: unknown; reply?: { id?: unknown; title?: unknown } } | null) =>
    one?.type === 'reply' ? (one.reply ?? {}) : {},
  );
  for (const { id, title } of replies) {
    if (typeof id !== 'string' || id === '' || id.length > most.id) {
      return `a button's reply.id must be 1 to ${most.id} characters`;
    }
    if (typeof title !== 'string' || title.trim() === '' || title.length > most.title) {
      return `a button's reply.title must be 1 to ${most.title} characters`;
    }
  }
  const isTwice = (['id', 'title'] as const).some(
    (key) => new Set(replies.map((one) => one[key])).size < replies.length,
  );
  return isTwice ? 'buttons must differ in reply.id and reply.title' : replies.map(({ title }) => String(title));
}

function refusedPicture(details: string): SandboxAnswer {
  return graphFail(400, 131053, '(#131053) Media upload error', details);
}

/** 15 digits, as Meta's ids have. */
function mediaId(sha256: string): string {
  return String(100_000_000_000_000 + Number.parseInt(sha256.slice(0, 12), 16));
}
