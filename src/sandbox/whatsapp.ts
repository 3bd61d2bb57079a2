import { randomFillSync } from 'node:crypto';
import { graphExpired, graphFail, graphOk, graphRefusal, hasToken, withoutCredentials } from './graph.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite, Simulation } from './simulation.ts';
import { refused } from './whatsapp-codes.ts';
import { createContentReader } from './whatsapp-content.ts';
import { createDoors } from './whatsapp-doors.ts';
import { createPeople, numberOf } from './whatsapp-people.ts';
import { settings, type WhatsappSettings } from './whatsapp-settings.ts';
import { invalid } from './whatsapp-template.ts';
import { createTemplates } from './whatsapp-templates.ts';
import { openWebhookSender } from './whatsapp-webhook.ts';

const maxOpaque = 512;
const route = /^\/v\d+\.\d+\/(\d+)(?:\/(messages|media|message_templates))?$/;

/**
 * WhatsApp's Cloud API: templates with Meta's parameter rules, free text and reply buttons within the 24-hour window,
 * signed statuses, people who write and stop. Groups, other buttons, named parameters and other kinds of messages are
 * refused; a picture given by address is not fetched.
 */
export function simulateWhatsapp(site: SandboxSite): Simulation {
  const current = () => site.settings as WhatsappSettings;
  const sender = openWebhookSender(() => current().business ?? '0');
  const templates = createTemplates(() => current().templates);
  const people = createPeople(current);
  const contents = createContentReader(site.record, templates.all);
  let lastNumber = '1';
  const doors = createDoors({ current, people, templates, sender, lastNumber: () => lastNumber });

  function send({ fields }: SandboxRequest, phoneNumberId: string): SandboxAnswer {
    if (fields.messaging_product !== 'whatsapp') return invalid('messaging_product must be whatsapp');
    const { recipient_type: kind = 'individual' } = fields;
    if (kind !== 'individual') return invalid(`recipient_type ${String(kind)} is not simulated here`);
    const person = people.read(fields);
    if ('status' in person) return person;
    const { target, userId } = person;
    const opaque = fields.biz_opaque_callback_data;
    if (opaque !== undefined && (typeof opaque !== 'string' || opaque.length > maxOpaque)) {
      return invalid(`biz_opaque_callback_data must be at most ${maxOpaque} characters`);
    }
    const read = contents.read(fields, () => people.isWindowOpen(target));
    if ('status' in read) return read;
    const { category, shared, ...content } = read;
    const answered = answeredIn(fields);
    if (answered === 'none') return invalid('context.message_id must be the id of a message');
    const refusal = people.refusal(person, category);
    if (refusal?.by === 'answer') return refused(refusal.code);
    // Cloud API, contextual replies: no bubble above a template, nor for a message that is not there.
    const before = content.template || answered === undefined ? undefined : site.record.get(answered);
    const id = newId();
    lastNumber = phoneNumberId;
    const post = site.accept({
      id,
      target,
      unit: 'utf16',
      ...content,
      ...(userId === undefined ? {} : { userId }),
      ...(opaque === undefined ? {} : { opaque }),
      ...(before?.target === target ? { replyTo: before.id } : {}),
      ...(refusal === undefined ? {} : { failed: refusal.code }),
      // Of the same template to many, what was sent is held once.
      raw: {
        ...withoutCredentials(fields),
        ...(shared === undefined ? {} : { template: shared }),
        phone_number_id: phoneNumberId,
      },
    });
    const { webhook: hook } = current();
    if (hook) sender.statuses(post, hook, refusal?.code);
    return graphOk({
      messaging_product: 'whatsapp',
      contacts: [person.isUserId ? { input: person.input, user_id: userId } : { input: person.input, wa_id: target }],
      messages: [{ id, message_status: 'accepted' }],
    });
  }

  function describe(id: string): SandboxAnswer {
    const picture = contents.picture(id);
    if (!picture) return graphOk({ id, display_phone_number: '+963 900 000 001', verified_name: 'Munadi sandbox' });
    const { mimeType, sha256, bytes } = picture;
    const url = `${site.root()}/_sandbox/media/${sha256}`;
    return graphOk({ messaging_product: 'whatsapp', url, mime_type: mimeType, sha256, file_size: bytes, id });
  }

  function listTemplates(id: string, query: URLSearchParams): SandboxAnswer {
    const { business } = current();
    if (business === undefined || business === id) return templates.list(query);
    const message = `(#100) Tried accessing nonexisting field (message_templates) on node ${id}`;
    return graphFail(400, 100, message, 'Templates are those of a business account (WABA), not of a phone number.');
  }

  function forget(): void {
    sender.drop();
    people.clear();
    templates.clear();
    lastNumber = '1';
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
      const person = numberOf(fields.to ?? fields.recipient);
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
      const to = fields.to ?? fields.recipient;
      return { kind, target: to === undefined ? undefined : numberOf(to), endpoint: `${method} /${what ?? 'id'}` };
    },
    handle(request) {
      const [, id, what] = request.path.match(route) ?? [];
      if (!hasToken(request)) return graphFail(401, 190, 'Invalid OAuth access token - Cannot parse access token');
      if (id === undefined) return graphFail(400, 100, 'Unsupported request');
      if (request.malformed) return graphFail(400, 100, 'Invalid JSON');
      if (request.method === 'POST' && what === 'messages') return send(request, id);
      if (request.method === 'POST' && what === 'media') {
        const uploaded = contents.upload(request);
        return typeof uploaded === 'string' ? graphOk({ id: uploaded }) : uploaded;
      }
      if (request.method === 'GET' && what === 'message_templates') return listTemplates(id, request.query);
      if (request.method === 'GET' && what === undefined) return describe(id);
      return graphFail(400, 100, 'Unsupported request');
    },
    refusal: (refusal) => graphRefusal(refusal, 130429, '(#130429) Rate limit hit'),
    expiredToken: graphExpired,
    door: doors.answer,
    reset: forget,
    close: forget,
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

/** The message that a request answers; undefined: it answers none; `none`: it names what cannot be one. */
function answeredIn({ context }: Record<string, unknown>): string | undefined {
  if (context === undefined) return undefined;
  const { message_id: id } = (context ?? {}) as { message_id?: unknown };
  return typeof id === 'string' && id.startsWith('wamid.') ? id : 'none';
}

const idBytes = 24;
const drawn = Buffer.alloc(idBytes * 256);
let used = drawn.length;

/** Random bytes are drawn for many ids at once. */
function newId(): string {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += idBytes;
  return `wamid.${drawn.toString('base64url', used - idBytes, used)}`;
}
