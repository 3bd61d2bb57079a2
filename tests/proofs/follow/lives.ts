import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, type Random } from '../random.ts';
import { followChannels } from './topology.ts';
import { type Draft, editionsIn, mostEditions, writeEdition } from './words.ts';

/** An article, and what was asked of it and answered with yes. */
export interface Life {
  number: number;
  /** Article id. */
  id: string;
  channels: string[];
  /** Versions that were answered for, and the edition that each is to tell. */
  asked: Map<number, number>;
  /** When the first answer came that it is retracted (monotonic milliseconds). */
  retractedAt?: number;
}

/** A person's word as a command in a process of its own; resolves to whether it was said that it is done. */
export interface Commands {
  correct(draft: Draft): Promise<{ version: number; edition: number } | undefined>;
  /** `killed`: right after Redis has taken it, before anything else is looked after. */
  retract(id: string, options: { killed: boolean }): Promise<boolean>;
}

export interface LivesOptions {
  /** Addresses of several processes' APIs. */
  addresses: readonly string[];
  commands: Commands;
  /** About so many corrections and as many retractions are commands; that many more are killed. */
  orders: { left: number; kills: number };
}

/** What an API answered. */
interface Answer {
  status: number;
  body: { article?: { version: number; title: string }; deliveries?: { id: string; channel: string }[] };
}

const retryMs = 100;
/** Longer than any trouble that is made here lasts. */
const giveUpMs = 120_000;

/** Lives of articles, drawn from the seed one by one. */
export function createLives(random: Random, { addresses, commands, orders }: LivesOptions) {
  const all: Life[] = [];
  const posts = new Set<string>();

  /** Asks again until somebody answers; a repetition is safe. */
  async function ask(own: Random, method: string, path: string, body?: object): Promise<Answer> {
    const first = own.whole(0, addresses.length - 1);
    const before = performance.now();
    for (let tries = 0; ; tries += 1) {
      // Whoever does not answer is passed over.
      const answer = await fetch(`${addresses[(first + tries) % addresses.length]}${path}`, {
        method,
        ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(10_000),
      }).then(
        async (one) => ({ status: one.status, text: await one.text() }),
        (error: Error) => ({ status: 599, text: error.message }),
      );
      if (answer.status < 500) return { status: answer.status, body: JSON.parse(answer.text) as Answer['body'] };
      if (performance.now() - before > giveUpMs) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      await delay(retryMs);
    }
  }

  async function correct(own: Random, life: Life, draft: Draft): Promise<void> {
    if (orders.left > 0 && own.chance(0.1)) {
      orders.left -= 1;
      const answer = await commands.correct(draft);
      if (answer) life.asked.set(answer.version, answer.edition);
      return;
    }
    const { status, body } = await ask(own, 'PUT', `/api/articles/${life.id}`, draft);
    if (status === 202 && body.article) life.asked.set(body.article.version, editionsIn(draft.title)[0]?.edition ?? -1);
    else if (status !== 200 && status !== 409) throw new Error(`A correction was answered with ${status}.`);
  }

  async function retract(own: Random, life: Life): Promise<void> {
    const isKilled = orders.kills > 0 && own.chance(0.3);
    if (isKilled || (orders.left > 0 && own.chance(0.15))) {
      if (isKilled) orders.kills -= 1;
      else orders.left -= 1;
      if (await commands.retract(life.id, { killed: isKilled })) {
        life.retractedAt ??= performance.now();
        // What it left is for those that run to find.
        if (isKilled) return;
      }
    }
    for (;;) {
      const { status } = await ask(own, 'DELETE', `/api/articles/${life.id}`);
      if (status === 200 || status === 202) break;
      if (status !== 404) throw new Error(`A retraction was answered with ${status}.`);
      // It is not published yet.
      await delay(20);
    }
    life.retractedAt ??= performance.now();
  }

  /** Sends back what has ended unposted, as an operator does. What a digest left out stays so. */
  async function retryAll(own: Random, life: Life): Promise<void> {
    const { body } = await ask(own, 'GET', `/api/articles/${life.id}`);
    for (const { id, channel } of body.deliveries ?? []) {
      if (channel !== 'telegram-digest') await ask(own, 'POST', `/api/deliveries/${id}/retry`);
    }
  }

  function createLife(own: Random) {
    const number = all.length + 1;
    const channels = followChannels.filter(() => own.chance(0.4));
    if (channels.length === 0) channels.push(own.pick(followChannels));
    const life: Life = { number, id: `follow-${number}`, channels, asked: new Map() };
    all.push(life);
    let edition = -1;
    let draft: Draft;
    let isUnclear = false;
    const next = (): Draft => {
      isUnclear = false;
      if (edition < mostEditions) edition += 1;
      draft = { id: life.id, language: 'ar', tags: channels, ...writeEdition(own, number, edition) };
      return draft;
    };
    return {
      life,
      next,
      /** Two at once: nobody knows which is the newer one. */
      both: () => {
        const drafts = [next(), next()];
        isUnclear = true;
        return drafts;
      },
      /** Nothing of it is seen by readers. */
      unseen: () => {
        if (isUnclear) next();
        draft = { ...draft, byline: `مراسل رقم ${own.whole(1, 99_999)}` };
        return draft;
      },
      same: () => (isUnclear ? next() : draft),
    };
  }

  type Making = ReturnType<typeof createLife>;

  async function publish(own: Random, { life, next }: Making): Promise<void> {
    const embargo = own.chance(0.2) ? new Date(Date.now() + own.whole(300, 3_000)).toISOString() : undefined;
    const draft = { ...next(), ...(embargo ? { embargoUntil: embargo } : {}) };
    const times = own.chance(0.15) ? 2 : 1;
    const answers = await Promise.all(own.many(times, () => ask(own, 'POST', '/api/articles', draft)));
    for (const { body } of answers) for (const { id } of body.deliveries ?? []) posts.add(id);
    const { article } = answers[0]?.body ?? {};
    if (!article) throw new Error(`An article was answered with ${answers[0]?.status}.`);
    life.asked.set(1, 0);
  }

  async function change(own: Random, making: Making): Promise<void> {
    const { life } = making;
    const draw = own.next();
    if (draw < 0.5) await correct(own, life, making.next());
    else if (draw < 0.65) {
      const draft = making.next();
      await Promise.all([correct(own, life, draft), correct(own, life, draft)]);
    } else if (draw < 0.8) {
      await Promise.all(making.both().map((draft) => correct(own, life, draft)));
    } else if (draw < 0.9) await correct(own, life, making.unseen());
    else await correct(own, life, making.same());
  }

  const gap = (own: Random) => delay(own.pick([0, own.whole(20, 300), own.whole(500, 4_000)]));

  async function live(own: Random, making: Making): Promise<void> {
    const { life } = making;
    const isRetracted = own.chance(0.45);
    const changes = own.pick([0, 1, 1, 2, 3]);
    const last = isRetracted ? own.whole(-1, changes) : Number.POSITIVE_INFINITY;
    const publishing = publish(own, making);
    // While it is being published.
    if (last < 0) await retract(own, life);
    await publishing;
    for (let n = 0; n < changes; n += 1) {
      await gap(own);
      if (n !== last) await change(own, making);
      else await Promise.all([change(own, making), ...own.many(own.whole(1, 2), () => retract(own, life))]);
    }
    if (last === changes) {
      await gap(own);
      await retract(own, life);
    }
    if (own.chance(0.1)) await retryAll(own, life);
  }

  const living: Promise<void>[] = [];
  return {
    all,
    /** Deliveries of first versions, as far as they were answered for. */
    posts,
    /** Begins so many lives over a time. */
    async begin(count: number, overMs: number): Promise<void> {
      for (let n = 0; n < count; n += 1) {
        const own = createRandom(random.whole(0, 999_999_999));
        const one = live(own, createLife(own));
        one.catch(() => {});
        living.push(one);
        await delay(overMs / count);
      }
    },
    /** Resolves when all that was to be asked of them has been. */
    lived: async () => void (await Promise.all(living)),
  };
}

export type Lives = ReturnType<typeof createLives>;
