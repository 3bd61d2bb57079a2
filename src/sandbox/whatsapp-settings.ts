import { z } from 'zod';
import { template } from './whatsapp-template.ts';
import { webhook } from './whatsapp-webhook.ts';

/** A person: digits of a number, or a business-scoped user id. */
export const personId = z
  .string()
  .regex(/^(\+?[1-9]\d{6,14}|[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128})$/, 'a phone number, or an id such as SY.123')
  .transform((id) => id.replace(/^\+/, ''));

/** What `PUT /_sandbox/settings` takes. */
export const settings = z.strictObject({
  /** Beside those built in; one of the same name and language stands for it. */
  templates: z.array(template).optional(),
  /** Whether people wrote within 24 hours: all (the default here), none, or those of `POST /_sandbox/inbound`. */
  windows: z.enum(['open', 'closed', 'by-inbound']).optional(),
  /** People whose window is open all the same: digits of their numbers. */
  openWindows: z.array(z.string()).optional(),
  webhook: webhook.optional(),
  /** Id of the business account (WABA) in webhooks; where given, templates are listed under it only. */
  business: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  /** Business-scoped user ids by number: webhooks about these people name both. */
  users: z.record(z.string(), z.string()).optional(),
  /** People who get nothing (`people`), or a share of all (`share`, 0 to 1, always the same ones), with Meta's code. */
  refusals: z
    .array(
      z.strictObject({
        code: z.number().int(),
        people: z.array(personId).optional(),
        share: z.number().min(0).max(1).optional(),
        /** `answer`: the request is refused. `status`: it is accepted, and a `failed` status follows. */
        by: z.enum(['answer', 'status']).default('status'),
      }),
    )
    .optional(),
  /** Marketing templates to numbers of the United States: accepted and then failed with 131049, or let through. */
  usMarketing: z.enum(['failed', 'delivered']).optional(),
});

export type WhatsappSettings = z.infer<typeof settings>;
export type Refusals = NonNullable<WhatsappSettings['refusals']>;
