import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { pause, stopSignal } from './pause.ts';
import type { SandboxPost } from './post.ts';

/** Where a message's statuses are sent, and how. */
export const webhook = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  appSecret: z.string().min(1),
  statuses: z.array(z.enum(['sent', 'delivered', 'read', 'failed'])).default(['sent', 'delivered', 'read']),
  /** Milliseconds before the first, and between one and the next. */
  delayMs: z.number().min(0).default(0),
  /** Delivers each status twice, as Meta may. */
  twice: z.boolean().default(false),
  /** Last status first, as Meta may. */
  reversed: z.boolean().default(false),
  /** Of a `failed` status. */
  errorCode: z.number().int().default(131026),
});

export type WebhookSettings = z.infer<typeof webhook>;

/** Sends statuses of accepted messages, signed over the raw body, one request each. */
export interface StatusSender {
  send(post: SandboxPost, settings: WebhookSettings): void;
  /** Drops what has not been sent. */
  drop(): void;
}

/** As many receivers' answers are waited for at once; the rest stand in line. */
const maxOpen = 50;
const answerWithinMs = 10_000;

/** Opens a sender. A receiver that fails is asked once more, a second later; Meta goes on for days. */
export function openStatusSender(): StatusSender {
  let stop = stopSignal();
  const line: (() => void)[] = [];
  let open = 0;

  async function deliver(body: string, { url, appSecret }: WebhookSettings, stopped: AbortSignal): Promise<boolean> {
    const signature = createHmac('sha256', appSecret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
    if (open >= maxOpen) await new Promise<void>((resolve) => line.push(resolve));
    open += 1;
    try {
      const signal = AbortSignal.any([stopped, AbortSignal.timeout(answerWithinMs)]);
      const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false;
    } finally {
      open -= 1;
      line.shift()?.();
    }
  }

  async function sendAll(post: SandboxPost, settings: WebhookSettings, stopped: AbortSignal): Promise<void> {
    const { statuses, reversed, twice, delayMs } = settings;
    const inOrder = statuses.map((status, index) => ({ status, index }));
    for (const { status, index } of reversed ? inOrder.reverse() : inOrder) {
      const body = JSON.stringify(envelope(post, status, index, settings.errorCode));
      if (!(await pause(delayMs, stopped))) return;
      for (let time = 0; time < (twice ? 2 : 1); time += 1) {
        const taken = await deliver(body, settings, stopped);
        if (!taken && (await pause(1_000, stopped))) await deliver(body, settings, stopped);
      }
    }
  }

  return {
    send: (post, settings) => void sendAll(post, settings, stop.signal),
    drop() {
      stop.abort();
      stop = stopSignal();
    },
  };
}

/** The body of a status webhook (WhatsApp Business Platform, webhooks, messages, status). */
function envelope({ id, target, opaque, raw }: SandboxPost, status: string, index: number, errorCode: number): object {
  const phoneNumberId = (raw as { phone_number_id?: unknown } | undefined)?.phone_number_id ?? '1';
  const one = {
    id,
    status,
    timestamp: String(Math.floor(Date.now() / 1000) + index),
    recipient_id: target,
    ...(opaque === undefined ? {} : { biz_opaque_callback_data: opaque }),
    ...(status === 'failed'
      ? {
          errors: [
            { code: errorCode, title: 'Message undeliverable', error_data: { details: 'Message undeliverable.' } },
          ],
        }
      : {}),
  };
  const metadata = { display_phone_number: '963900000001', phone_number_id: phoneNumberId };
  const value = { messaging_product: 'whatsapp', metadata, statuses: [one] };
  return { object: 'whatsapp_business_account', entry: [{ id: '0', changes: [{ field: 'messages', value }] }] };
}
