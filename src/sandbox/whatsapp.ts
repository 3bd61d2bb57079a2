import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { graphExpired, graphFail, graphOk, graphRefusal, hasToken, withoutCredentials } from './graph.ts';
import { inspectPicture, keepPicture, pictureAt } from './picture.ts';
import type { SandboxMedia, SandboxPost } from './post.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite, Simulation } from './simulation.ts';
import { stretches, visible } from './whatsapp-markup.ts';
import {
  builtInTemplates,
  describeTemplate,
  fillTemplate,
  invalid,
  maxTemplateBody,
  template,
} from './whatsapp-template.ts';
import { openStatusSender, webhook } from './whatsapp-webhook.ts';

const maxText = 4096;
const maxCaption = 1024;
const maxPictureBytes = 5 * 1024 * 1024;
const maxOpaque = 512;
const route = /^\/v\d+\.\d+\/(\d+)(?:\/(messages|media|message_templates))?$/;

const settings = z.strictObject({
  /** Approved ones beside those built in. */
  templates: z.array(template).optional(),
  /** Whether people wrote within 24 hours: all (the default here) or none. */
  windows: z.enum(['open', 'closed']).optional(),
  /** People whose window is open all the same: digits of their numbers. */
  openWindows: z.array(z.string()).optional(),
  webhook: webhook.optional(),
});

type Content = Pick<SandboxPost, 'text' | 'length' | 'limit' | 'media' | 'markup' | 'link' | 'template' | 'footer'>;

/**
 * WhatsApp's Cloud API: templates with Meta's parameter rules, free text within the 24-hour window, signed statuses.
 * Groups, buttons, named parameters and other kinds of messages are refused; a picture given by address is not fetched.
 */
export function simulateWhatsapp(site: SandboxSite): Simulation {
  const statuses = openStatusSender();
  const current = () => site.settings as z.infer<typeof settings>;
  const uploads = new Map(site.record.pictures().map((sha256) => [mediaId(sha256), sha256]));
  const templates = () => [...builtInTemplates, ...(current().templates ?? [])];

  function send({ fields }: SandboxRequest, phoneNumberId: string): SandboxAnswer {
    if (fields.messaging_product !== 'whatsapp') return invalid('messaging_product must be whatsapp');
    const { recipient_type: kind = 'individual' } = fields;
    if (kind !== 'individual') return invalid(`recipient_type ${String(kind)} is not simulated here`);
    if (fields.to === undefined) {
      return graphFail(400, 131008, '(#131008) Required parameter is missing', 'to is required');
    }
    const to = numberOf(fields.to);
    if (!/^[1-9]\d{6,14}$/.test(to)) {
      return graphFail(400, 131009, '(#131009) Parameter value is not valid', 'to is not a valid phone number');
    }
    const opaque = fields.biz_opaque_callback_data;
    if (opaque !== undefined && (typeof opaque !== 'string' || opaque.length > maxOpaque)) {
      return invalid(`biz_opaque_callback_data must be at most ${maxOpaque} characters`);
    }
    const content = read(fields, to);
    if ('status' in content) return content;
    const answered = answeredIn(fields);
    if (answered === 'none') return invalid('context.message_id must be the id of a message');
    // Cloud API, contextual replies: no bubble above a template, nor for a message that is not there.
    const before = content.template || answered === undefined ? undefined : site.record.get(answered);
    const id = `wamid.${randomBytes(24).toString('base64url')}`;
    const raw = { ...withoutCredentials(fields), phone_number_id: phoneNumberId };
    const post = site.accept({
      id,
      target: to,
      unit: 'utf16',
      ...content,
      ...(opaque === undefined ? {} : { opaque }),
      ...(before?.target === to ? { replyTo: before.id } : {}),
      raw,
    });
    const { webhook: hook } = current();
    if (hook) statuses.send(post, hook);
    return graphOk({
      messaging_product: 'whatsapp',
      contacts: [{ input: String(fields.to), wa_id: to }],
      messages: [{ id, message_status: 'accepted' }],
    });
  }

  function read(fields: Record<string, unknown>, to: string): Content | SandboxAnswer {
    const type = fields.type ?? 'text';
    if (type === 'template') return filled(fields.template);
    if (current().windows === 'closed' && !current().openWindows?.includes(to)) {
      const details = 'More than 24 hours have passed since the customer last replied to this number.';
      return graphFail(400, 131047, '(#131047) Re-engagement message', details);
    }
    if (type === 'text') return freeText(fields.text);
    if (type === 'image') return image(fields.image);
    return graphFail(400, 131051, '(#131051) Unsupported message type', `type ${String(type)} is not supported`);
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

  function image(given: unknown): Content | SandboxAnswer {
    const { caption = '', ...source } = (given ?? {}) as { caption?: unknown };
    if (typeof caption !== 'string' || caption.length > maxCaption) {
      return invalid(`image.caption must be at most ${maxCaption} characters`);
    }
    const picture = pictureOf(source);
    if ('status' in picture) return picture;
    return { text: visible(caption), markup: caption, length: caption.length, limit: maxCaption, media: [picture] };
  }

  function filled(given: unknown): Content | SandboxAnswer {
    const result = fillTemplate(given, templates());
    if ('status' in result) return result;
    const { text, footer, image: source } = result;
    const picture = source === undefined ? undefined : pictureOf(source);
    if (picture && 'status' in picture) return picture;
    return {
      text: visible(text),
      markup: text,
      length: text.length,
      limit: maxTemplateBody,
      media: picture ? [picture] : [],
      template: result.template,
      ...(footer === undefined ? {} : { footer }),
    };
  }

  function pictureOf(source: { id?: unknown; link?: unknown }): SandboxMedia | SandboxAnswer {
    if (typeof source.link === 'string' && /^https?:\/\//.test(source.link)) {
      return pictureAt(source.link);
    }
    const held = heldPicture(String(source.id));
    return held ?? graphFail(400, 131053, '(#131053) Media upload error', 'The media id is not known.');
  }

  /** Media ids come from the picture's hash, so that they outlive a restart with the record. */
  function heldPicture(id: string): SandboxMedia | undefined {
    const sha256 = uploads.get(id);
    const picture = sha256 === undefined ? undefined : site.record.media(sha256);
    const facts = picture && inspectPicture(picture.bytes);
    return facts && sha256 !== undefined ? { kind: 'photo', bytes: picture.bytes.length, sha256, ...facts } : undefined;
  }

  function upload({ fields, files }: SandboxRequest): SandboxAnswer {
    const [file] = files;
    if (fields.messaging_product !== 'whatsapp' || !file) return invalid('messaging_product and file are required');
    const refused = (details: string) => graphFail(400, 131053, '(#131053) Media upload error', details);
    if (file.bytes.length > maxPictureBytes) return refused('The picture is larger than 5 MB.');
    const picture = keepPicture(site.record, file.bytes);
    if (!picture || !/^image\/(jpeg|png)$/.test(picture.mimeType))
      return refused('Only JPEG and PNG pictures are supported.');
    const id = mediaId(picture.sha256);
    uploads.set(id, picture.sha256);
    return graphOk({ id });
  }

  function describe(id: string): SandboxAnswer {
    const picture = heldPicture(id);
    if (!picture) return graphOk({ id, display_phone_number: '+963 900 000 001', verified_name: 'Munadi sandbox' });
    const { mimeType, sha256, bytes } = picture;
    const url = `${site.root()}/_sandbox/media/${sha256}`;
    return graphOk({ messaging_product: 'whatsapp', url, mime_type: mimeType, sha256, file_size: bytes, id });
  }

  return {
    platform: 'whatsapp',
    settings,
    // Cloud API, throughput and messaging limits (those of a portfolio, here of each number); one a pair in 6 s is
    // known from third parties, and the burst that they tell of is not let in.
    limits: {
      number: { rates: ['80/1s'] },
      recipient: { rates: ['1/6s'] },
      recipients: { rates: ['250/24h'], unique: true },
    },
    counted({ path, fields }) {
      const [, id = ''] = path.match(route) ?? [];
      const person = numberOf(fields.to);
      return {
        number: { scope: id },
        recipient: { scope: `${id}/${person}` },
        recipients: { scope: id, member: person },
      };
    },
    tooEarly({ rate }) {
      const { code, what, details } = tooFast[rate] ?? throughput;
      return graphFail(400, code, `(#${code}) ${what}`, details);
    },
    classify({ method, path, fields }) {
      const [, , what] = path.match(route) ?? [];
      const kind = method === 'POST' && what === 'messages' ? 'publish' : what === 'media' ? 'upload' : 'read';
      const target = fields.to === undefined ? undefined : numberOf(fields.to);
      return { kind, target, endpoint: `${method} /${what ?? 'id'}` };
    },
    handle(request) {
      const [, id, what] = request.path.match(route) ?? [];
      if (!hasToken(request)) return graphFail(401, 190, 'Invalid OAuth access token - Cannot parse access token');
      if (id === undefined) return graphFail(400, 100, 'Unsupported request');
      if (request.malformed) return graphFail(400, 100, 'Invalid JSON');
      if (request.method === 'POST' && what === 'messages') return send(request, id);
      if (request.method === 'POST' && what === 'media') return upload(request);
      if (request.method === 'GET' && what === 'message_templates')
        return graphOk({ data: templates().map(describeTemplate) });
      if (request.method === 'GET' && what === undefined) return describe(id);
      return graphFail(400, 100, 'Unsupported request');
    },
    refusal: (refusal) => graphRefusal(refusal, 130429, '(#130429) Rate limit hit'),
    expiredToken: graphExpired,
    reset: statuses.drop,
    close: statuses.drop,
  };
}

const throughput = { code: 130429, what: 'Rate limit hit', details: 'Message throughput has been reached.' };

/** By the limit that is used up, where it is not throughput (Cloud API, error codes). */
const tooFast: Record<string, typeof throughput> = {
  recipient: {
    code: 131056,
    what: '(Business Account, Consumer Account) pair rate limit hit',
    details: 'Too many messages were sent from this phone number to the same person in a short time.',
  },
  recipients: {
    code: 131048,
    what: 'Spam rate limit hit',
    details: 'There are restrictions on how many messages can be sent from this phone number.',
  },
};

/** A phone number's digits, without the signs that people put between them. */
function numberOf(given: unknown): string {
  return String(given).replace(/[\s()+-]/g, '');
}

/** The message that a request answers; undefined: it answers none; `none`: it names what cannot be one. */
function answeredIn({ context }: Record<string, unknown>): string | undefined {
  if (context === undefined) return undefined;
  const { message_id: id } = (context ?? {}) as { message_id?: unknown };
  return typeof id === 'string' && id.startsWith('wamid.') ? id : 'none';
}

/** 15 digits, as Meta's ids have. */
function mediaId(sha256: string): string {
  return String(100_000_000_000_000 + Number.parseInt(sha256.slice(0, 12), 16));
}
