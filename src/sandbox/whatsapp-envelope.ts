import type { SandboxPost } from './post.ts';
import { titleOf } from './whatsapp-codes.ts';

/** One status of a message; `at` is its place among the message's statuses, which is also how many seconds it took. */
export interface Status {
  post: SandboxPost;
  status: string;
  at: number;
  errorCode: number;
}

/** The number that writes, as webhooks name it. */
export function metadataOf(phoneNumberId: string): object {
  return { display_phone_number: '963900000001', phone_number_id: phoneNumberId };
}

/** A webhook's body around changes of one business account. */
export function bodyOf(business: string, changes: { field: string; value: object }[], time?: number): string {
  const entry = { id: business, ...(time === undefined ? {} : { time }), changes };
  return JSON.stringify({ object: 'whatsapp_business_account', entry: [entry] });
}

/** The body of a status webhook (WhatsApp Business Platform, webhooks, messages, status): a change for each number. */
export function statusBody(statuses: readonly Status[], business: string): string {
  const byNumber = new Map<string, object[]>();
  for (const one of statuses) {
    const number = numberOf(one.post);
    const list = byNumber.get(number);
    if (list) list.push(statusObject(one));
    else byNumber.set(number, [statusObject(one)]);
  }
  const changes = [...byNumber].map(([number, list]) => ({
    field: 'messages',
    value: { messaging_product: 'whatsapp', metadata: metadataOf(number), statuses: list },
  }));
  return bodyOf(business, changes);
}

function numberOf({ raw }: SandboxPost): string {
  return String((raw as { phone_number_id?: unknown } | undefined)?.phone_number_id ?? '1');
}

function statusObject({ post: { id, target, userId, opaque, at: accepted }, status, at, errorCode }: Status): object {
  const title = titleOf(errorCode);
  return {
    id,
    status,
    timestamp: String(Math.floor(Date.parse(accepted) / 1000) + at),
    ...(target === userId ? {} : { recipient_id: target }),
    ...(userId === undefined ? {} : { recipient_user_id: userId }),
    ...(opaque === undefined ? {} : { biz_opaque_callback_data: opaque }),
    ...(status === 'failed'
      ? { errors: [{ code: errorCode, title, message: title, error_data: { details: `${title}.` } }] }
      : {}),
  };
}
