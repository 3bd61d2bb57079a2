import type { Redis } from 'ioredis';
import type { PersonEvent } from '../src/core/subscriber.ts';
import { connectRedis } from '../src/store/redis.ts';
import { openSubscribers } from '../src/store/subscribers/index.ts';
import type { Ground } from './ground.ts';
import { type Row, round } from './measure.ts';

const account = 'whatsapp-main';
const atMs = Date.UTC(2026, 0, 1);
const pageSize = 2_000;
const topics = [undefined, ['sports'], ['economy', 'culture']];

/** The n-th subscriber: most want everything, some a topic or two, each wrote once. */
const person = (n: number): PersonEvent => {
  const wanted = topics[n % topics.length];
  return {
    who: `9639${String(30_000_000 + n)}`,
    atMs: atMs + n,
    act: 'start',
    how: 'message',
    language: 'ar',
    isInbound: true,
    ...(wanted ? { topics: wanted } : {}),
  };
};

/** Memory of a subscriber, and how quickly a list is taken in, beside a plain hash for each person. */
export async function benchSubscribers(ground: Ground, people: number): Promise<Row[]> {
  const redis = connectRedis(ground.redisUrl, { name: 'bench-subscribers' });
  await redis.connect();
  try {
    const own = await fill(redis, people, ownWay(redis));
    const plain = await fill(redis, people, plainWay(redis));
    return [
      {
        name: 'subscribers-bytes',
        value: round(own.bytes / people),
        unit: 'bytes each',
        baseline: round(plain.bytes / people),
        ratio: round(own.bytes / plain.bytes, 3),
        better: 'lower',
        details: { people, 'aim at most': 200 },
      },
      {
        name: 'subscribers-add',
        value: Math.round(people / own.seconds),
        unit: 'per second',
        baseline: Math.round(people / plain.seconds),
        ratio: round(plain.seconds / own.seconds, 3),
        better: 'higher',
        details: { 'seconds to read all': round(own.readSeconds) },
      },
    ];
  } finally {
    await redis.flushall();
    redis.disconnect();
  }
}

interface Way {
  add(page: readonly PersonEvent[]): Promise<unknown>;
  /** Reads all; resolves to how many there are. */
  count?(): Promise<number>;
}

function ownWay(redis: Redis): Way {
  const subscribers = openSubscribers(redis, 'munadi');
  return {
    add: (page) => subscribers.tell(account, page),
    async count() {
      let all = 0;
      for await (const page of subscribers.scan(account)) all += page.length;
      return all;
    },
  };
}

/** A hash for each person and a set of those who are subscribed, as one writes it first. */
function plainWay(redis: Redis): Way {
  return {
    async add(page) {
      const pipeline = redis.pipeline();
      for (const { who, atMs: at = 0, how = '', language = '', topics: ids = [] } of page) {
        const facts = { consent: 'subscribed', at, how, language, topics: String(ids), inbound: at };
        pipeline.hset(`munadi:person:${who}`, facts).sadd('munadi:subscribed', who);
      }
      await pipeline.exec();
    },
  };
}

async function fill(redis: Redis, people: number, { add, count }: Way) {
  await redis.flushall();
  const before = await used(redis);
  const began = performance.now();
  for (let first = 0; first < people; first += pageSize) {
    await add(Array.from({ length: Math.min(pageSize, people - first) }, (_, at) => person(first + at)));
  }
  const seconds = (performance.now() - began) / 1_000;
  const bytes = (await used(redis)) - before;
  const reading = performance.now();
  const found = await count?.();
  if (found !== undefined && found !== people) throw new Error(`${found} of ${people} people were found again`);
  return { bytes, seconds, readSeconds: (performance.now() - reading) / 1_000 };
}

async function used(redis: Redis): Promise<number> {
  const info = await redis.info('memory');
  return Number(/\bused_memory:(\d+)/.exec(info)?.[1]);
}
