import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { SandboxPost } from './record.ts';

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
  close(): void;
}

/** Opens a sender. A receiver that fails is asked once more, a second later; Meta goes on for days. */
export function openStatusSender(): StatusSender {
  const stop = new AbortController();

  async function deliver(body: string, { url, appSecret }: WebhookSettings): Promise<boolean> {
    const signature = createHmac('sha256', appSecret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
    try {
      const answer = await fetch(url, { method: 'POST', headers, body, signal: stop.signal });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false;
    }
  }

  async function sendAll(post: SandboxPost, settings: WebhookSettings): Promise<void> {
    const { statuses, reversed, twice, delayMs } = settings;
    const inOrder = statuses.map((status, index) => ({ status, index }));
    for (const { status, index } of reversed ? inOrder.reverse() : inOrder) {
      const body = JSON.stringify(envelope(post, status, index, settings.errorCode));
      if (!(await pause(delayMs, stop.signal))) return;
      for (let time = 0; time < (twice ? 2 : 1); time += 1) {
        const taken = await deliver(body, settings);
        if (!taken && (await pause(1_000, stop.signal))) await deliver(body, settings);
      }
    }
  }

  return {
    send: (post, settings) => void sendAll(post, settings),
    close: () => stop.abort(),
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

/** False where it was cut short. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const stop = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve(true);
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
