import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery } from '../../../src/core/delivery.ts';
import type { Random } from '../random.ts';
import { articleOf, targetOf } from './exchange.ts';
import type { Exchange } from './http-proxy.ts';
import { numberOf } from './numbers.ts';
import { targets } from './topology.ts';

/** An article that got a 2xx: from then on it must not be lost. */
export interface Accepted {
  /** Five digits; see `numbersIn`. */
  number: number;
  id: string;
  deliveries: Pick<Delivery, 'id' | 'channel' | 'platform' | 'recipient'>[];
}

export interface Feed {
  accepted: Map<number, Accepted>;
  /** Platform of a delivery that was accepted. */
  platformOf(delivery: string): string | undefined;
  /** The delivery that a request is about, where its article was accepted. */
  deliveryOf(exchange: Exchange): string | undefined;
  /** Posts so many new articles, each again and again until it is accepted. */
  post(count: number): Promise<void>;
  /** Posts one new article to several addresses at once, without a key. Resolves to how many said that it is new. */
  race(addresses: readonly string[]): Promise<number>;
}

const retryMs = 100;
/** Longer than any trouble that is made here lasts. */
const giveUpMs = 60_000;

const subjects = ['المجلس البلدي', 'مديرية الصحة', 'نقابة المعلمين', 'هيئة النقل', 'جمعية المزارعين'];
const verbs = ['أعلن', 'ناقش', 'أقر', 'تابع', 'أنجز'];
const objects = ['خطة الطرق', 'برنامج اللقاحات', 'موازنة المدارس', 'مشروع المياه', 'جدول المواسم'];
const places = ['في الأحياء الشرقية', 'في القرى الجبلية', 'على ضفة النهر', 'في وسط المدينة', 'قرب المحطة القديمة'];

/** Articles of made-up news through the API at `address`; every sentence holds a number found nowhere else. */
export function createFeed(random: Random, address: () => string): Feed {
  const accepted = new Map<number, Accepted>();
  const platformOf = new Map<string, string>();
  let last = 0;

  function write(): { number: number; body: string } {
    last += 1;
    const number = last;
    const sentence = (index: number) =>
      `${random.pick(verbs)} ${random.pick(subjects)} ${random.pick(objects)} ${random.pick(places)} بموجب القرار ${numberOf(number, index)}.`;
    // Longer than one Telegram message.
    const paragraphs = Array.from({ length: 10 }, (_, row) =>
      Array.from({ length: 6 }, (_, column) => sentence(1 + row * 6 + column)).join(' '),
    );
    const title = `${random.pick(subjects)}: قرارات اليوم ${numberOf(number, 0)}`;
    return { number, body: JSON.stringify({ title, paragraphs, language: 'ar' }) };
  }

  function note(number: number, answer: { article: { id: string }; deliveries: Delivery[] }): void {
    const { article, deliveries } = answer;
    accepted.set(number, { number, id: article.id, deliveries });
    for (const { id, platform } of deliveries) platformOf.set(id, platform);
  }

  async function send(body: string, to: string, key?: string): Promise<{ status: number; text: string }> {
    const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) };
    const answer = await fetch(`${to}/api/articles`, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(10_000),
    });
    return { status: answer.status, text: await answer.text() };
  }

  async function postOne(): Promise<void> {
    const { number, body } = write();
    const before = performance.now();
    for (;;) {
      const answer = await send(body, address(), `proof-${number}`).catch((error: Error) => ({
        status: 0,
        text: error.message,
      }));
      if (answer.status === 200 || answer.status === 202) return note(number, JSON.parse(answer.text));
      const isOurs = answer.status >= 400 && answer.status < 500;
      if (isOurs || performance.now() - before > giveUpMs) {
        throw new Error(`Article ${number} was not accepted: ${answer.status} ${answer.text.slice(0, 300)}`);
      }
      await delay(retryMs);
    }
  }

  return {
    accepted,
    platformOf: (delivery) => platformOf.get(delivery),
    deliveryOf(exchange) {
      const { deliveries = [] } = accepted.get(articleOf(exchange) ?? 0) ?? {};
      const to = targetOf(exchange);
      const target = targets.find(({ platform, target }) => platform === exchange.platform && target === to);
      return deliveries.find((one) => one.channel === target?.channel && one.recipient === target.recipient)?.id;
    },
    async post(count) {
      const ways = Math.min(4, count);
      let left = count;
      await Promise.all(
        Array.from({ length: ways }, async () => {
          while (left > 0) {
            left -= 1;
            await postOne();
          }
        }),
      );
    },
    async race(addresses) {
      const { number, body } = write();
      const answers = await Promise.all(addresses.map((one) => send(body, one)));
      for (const { text } of answers) note(number, JSON.parse(text));
      return answers.filter(({ status }) => status === 202).length;
    },
  };
}
