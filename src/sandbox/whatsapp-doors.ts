import { z } from 'zod';
import type { SandboxAnswer, SandboxRequest } from './simulation.ts';
import { bodyOf, metadataOf } from './whatsapp-envelope.ts';
import type { People } from './whatsapp-people.ts';
import { personId, type WhatsappSettings } from './whatsapp-settings.ts';
import type { Templates, Told } from './whatsapp-templates.ts';
import type { WebhookSender } from './whatsapp-webhook.ts';

const moment = z.iso.datetime({ offset: true }).transform((at) => Date.parse(at));
const phoneNumber = z.string().regex(/^\d+$/).optional();
const common = {
  from: personId,
  /** Epoch ms; now where not given. */
  at: moment.optional(),
  /** The phone number id written to; else the one that sent last. */
  number: phoneNumber,
  twice: z.boolean().default(false),
};

/** What `POST /_sandbox/inbound` takes: somebody writes, or touches a button. */
const inbound = z
  .strictObject({
    ...common,
    text: z.string().min(1).max(4096).optional(),
    /** Of an interactive message (id and title), or of a template (its text). */
    button: z.union([z.strictObject({ id: z.string(), title: z.string() }), z.string().min(1)]).optional(),
    id: z.string().optional(),
    name: z.string().default('Reader'),
  })
  .refine(({ text, button }) => (text === undefined) !== (button === undefined), 'either text or button');

/** `POST /_sandbox/preferences`: somebody stops marketing messages in the app, or wants them again. */
const preference = z.strictObject({ ...common, value: z.enum(['stop', 'resume']) });

/** `POST /_sandbox/events`: what Meta tells of the business account. */
const event = z.strictObject({
  field: z.enum([
    'account_update',
    'phone_number_quality_update',
    'business_capability_update',
    'message_template_status_update',
    'message_template_quality_update',
  ]),
  value: z.record(z.string(), z.unknown()),
  at: moment.optional(),
  twice: z.boolean().default(false),
});

interface Parts {
  current(): WhatsappSettings;
  people: People;
  templates: Templates;
  sender: WebhookSender;
  /** The phone number id that sent last. */
  lastNumber(): string;
}

/** What is done from outside to the simulated WhatsApp: people who write, templates and accounts that change. */
export function createDoors({ current, people, templates, sender, lastNumber }: Parts) {
  let count = 0;

  /** False where nobody is to be told. */
  function tell(body: string, twice: boolean): boolean {
    const { webhook } = current();
    if (!webhook) return false;
    sender.event(body, webhook);
    if (twice) sender.event(body, webhook);
    return true;
  }

  const business = () => current().business ?? '0';
  const seconds = (ms: number | undefined) => String(Math.floor((ms ?? Date.now()) / 1_000));

  function contactOf(from: string, name: string) {
    const { phone, userId } = people.known(from);
    const ids = { ...(phone ? { wa_id: phone } : {}), ...(userId ? { user_id: userId } : {}) };
    return { target: phone ?? from, phone, userId, contact: { profile: { name }, ...ids } };
  }

  function write(given: unknown): SandboxAnswer {
    const result = inbound.safeParse(given);
    if (!result.success) return refuse('not a message of a person', result.error.issues);
    const { from, at, number = lastNumber(), twice, text, button, name, id: givenId } = result.data;
    const { target, phone, userId, contact } = contactOf(from, name);
    count += 1;
    const id = givenId ?? `wamid.in${Date.now().toString(36)}${count.toString(36)}`;
    people.wrote(target, at ?? Date.now());
    const content =
      text !== undefined
        ? { type: 'text', text: { body: text } }
        : typeof button === 'string'
          ? { type: 'button', button: { text: button, payload: button } }
          : { type: 'interactive', interactive: { type: 'button_reply', button_reply: button } };
    const ids = { ...(phone ? { from: phone } : {}), ...(userId ? { from_user_id: userId } : {}) };
    const message = { ...ids, id, timestamp: seconds(at), ...content };
    const value = { ...about(number), contacts: [contact], messages: [message] };
    const told = tell(bodyOf(business(), [{ field: 'messages', value }]), twice);
    return { status: 200, json: { id, told } };
  }

  function prefer(given: unknown): SandboxAnswer {
    const result = preference.safeParse(given);
    if (!result.success) return refuse('not a preference of a person', result.error.issues);
    const { from, value, at, number = lastNumber(), twice } = result.data;
    const { target, phone, userId, contact } = contactOf(from, 'Reader');
    people.prefers(target, value);
    const detail =
      value === 'stop' ? 'User requested to stop marketing messages' : 'User requested to resume marketing messages';
    const one = {
      ...(phone ? { wa_id: phone } : {}),
      ...(userId ? { user_id: userId } : {}),
      ...{ detail, category: 'marketing_messages', value, timestamp: Number(seconds(at)) },
    };
    const whole = { ...about(number), contacts: [contact], user_preferences: [one] };
    return {
      status: 200,
      json: { told: tell(bodyOf(business(), [{ field: 'user_preferences', value: whole }]), twice) },
    };
  }

  function tellAll(changes: readonly Told[], { at, twice }: { at: number | undefined; twice: boolean }): SandboxAnswer {
    const told = changes.map((one) => tell(bodyOf(business(), [one], Number(seconds(at))), twice));
    return { status: 200, json: { told: told.length > 0 && told.every(Boolean) } };
  }

  function changeTemplates(given: unknown): SandboxAnswer {
    const result = templates.change(given);
    return 'issues' in result
      ? refuse('not a change of a template', result.issues)
      : tellAll(result.told, { at: undefined, twice: false });
  }

  return {
    /** Undefined: this is no address of WhatsApp's sandbox. */
    answer({ method, path, fields }: Pick<SandboxRequest, 'method' | 'path' | 'fields'>): SandboxAnswer | undefined {
      switch (`${method} ${path}`) {
        case 'POST /_sandbox/inbound':
          return write(fields);
        case 'POST /_sandbox/preferences':
          return prefer(fields);
        case 'GET /_sandbox/templates':
          return { status: 200, json: templates.all() };
        case 'PUT /_sandbox/templates':
          return changeTemplates(fields);
        case 'POST /_sandbox/events': {
          const result = event.safeParse(fields);
          if (!result.success) return refuse('not an event of a business account', result.error.issues);
          const { field, value, at, twice } = result.data;
          return tellAll([{ field, value }], { at, twice });
        }
        case 'GET /_sandbox/webhooks':
          return { status: 200, json: sender.figures() };
      }
      return undefined;
    },
  };
}

const about = (number: string) => ({ messaging_product: 'whatsapp', metadata: metadataOf(number) });
const refuse = (error: string, issues: unknown): SandboxAnswer => ({ status: 422, json: { error, issues } });
