import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery } from '../../../src/core/delivery.ts';
import type { Random } from '../random.ts';
import type { Accepted } from './feed.ts';
import { numberOf } from './numbers.ts';

const subjects = ['المجلس البلدي', 'مديرية الصحة', 'نقابة المعلمين', 'هيئة النقل'];
const verbs = ['أعلن', 'ناقش', 'أقر', 'تابع'];
const objects = ['خطة الطرق', 'برنامج اللقاحات', 'موازنة المدارس', 'مشروع المياه'];
const sentences = 12;
const retryMs = 100;
const giveUpMs = 30_000;

/** Posts so many articles into `accepted`, every other one with an address of its own; each until it is accepted. */
export async function postNews(
  address: string,
  { random, count, accepted }: { random: Random; count: number; accepted: Accepted[] },
): Promise<void> {
  for (let number = 1; number <= count; number += 1)
    accepted.push(await postOne(address, number, write(random, number)));
}

function write(random: Random, number: number): object {
  const sentence = (_: unknown, n: number) =>
    `${random.pick(verbs)} ${random.pick(subjects)} ${random.pick(objects)} بموجب القرار ${numberOf(number, n + 1)}.`;
  const body = {
    title: `${random.pick(subjects)}: قرارات اليوم ${numberOf(number, 0)}`,
    paragraphs: [Array.from({ length: sentences }, sentence).join(' ')],
    language: 'ar',
  };
  return number % 2 === 0 ? body : { ...body, url: `https://news.example.org/story/${number}` };
}

async function postOne(address: string, number: number, body: object): Promise<Accepted> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': `waits-${number}` };
  const until = performance.now() + giveUpMs;
  for (;;) {
    const answer = await fetch(`${address}/api/articles`, {
      ...{ method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(10_000) },
    }).catch(() => undefined);
    if (answer?.ok) {
      const { article, deliveries } = (await answer.json()) as { article: { id: string }; deliveries: Delivery[] };
      return { number, id: article.id, deliveries };
    }
    if (performance.now() > until) throw new Error(`Article ${number} was not accepted: ${answer?.status}`);
    await delay(retryMs);
  }
}
