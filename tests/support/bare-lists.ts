import type { BatchRequest, BatchRules, Claimed, Outcome, Source } from '../../src/store/fanout/index.ts';
import { account, type ListStage } from './list-stage.ts';

const unlimited = [-1, -1, -1];
const everybody: Source = { of: 'people', account, breaking: false };

export interface BareList {
  id: string;
  article: string;
  /** What its claims go by. */
  by: BatchRules;
}

/** Lists that nobody works on: each step is taken by the test. */
export function bareLists(at: () => ListStage) {
  const fanouts = () => at().runtime.fanouts;
  const about = (delivery: string, place: number, fence: number, of = 0) => ({
    ...{ delivery, batch: of, place, fence, circuit: '' },
  });

  async function cut(id: string): Promise<void> {
    while ((await fanouts().cut(id)).verdict === 'more');
  }

  /** Begun, and not cut yet. */
  async function open(source: Source = everybody, plain: object = { default: 0, languages: {} }): Promise<BareList> {
    const { id, article } = await at().accept();
    const channel = 'whatsapp-ar';
    await fanouts().open({
      ...{ id, article, version: 1, channel, account, source },
      variants: JSON.stringify({ posts: ['h', 't'], plain }),
      job: { delivery: id, article, version: 1, channel, platform: 'whatsapp', priority: 10 },
    });
    const by: BatchRules = {
      ...{ account, channel, article, version: 1, priority: 10, hours: '', scopes: '' },
      bill: { account, day: 'd', month: 'm', prices: { default: 50 } },
      charge: {
        ...{ account, day: 'd', month: 'm', requests: 1, recipients: 1, money: [], reserve: 0 },
        ...{ most: { day: unlimited, month: unlimited }, endsInMs: { day: 1_000, month: 1_000 } },
      },
      ...{ whenSpent: 'hold', mode: 'window' },
    };
    return { id, article, by };
  }

  return {
    open,
    cut,
    /** Of these people, by their numbers. */
    async fixed(...people: string[]): Promise<BareList> {
      const list = await open({ of: 'fixed', people: people.join('\n') });
      await cut(list.id);
      return list;
    },
    async claim({ id, by }: BareList, more: Partial<BatchRequest> = {}): Promise<Claimed[]> {
      const reply = await fanouts().claim({
        ...{ delivery: id, batch: 0, fence: 1, most: 100, leaseMs: 60_000, quarantineMs: 0, maxAttempts: 5 },
        ...{ way: 'status', by, ...more },
      });
      return reply.verdict === 'go' ? reply.claimed : [];
    },
    published: (delivery: string, place: number, remoteId: string, { batch = 0, fence = 1 } = {}) =>
      fanouts().settle({ ...about(delivery, place, fence, batch), state: 'published', remoteId, status: 'accepted' }),
    failed(delivery: string, place: number, state: Exclude<Outcome['state'], 'published'>, fence = 1) {
      const failure = { class: 'rejected', code: '131026', reason: 'no', at: '' } as const;
      return fanouts().settle({ ...about(delivery, place, fence), state, failure });
    },
    async countsOf(id: string) {
      const [counts] = await fanouts().counts([id]);
      if (!counts) throw new Error('There is no such list.');
      return counts;
    },
    /** State of each person, or why it ended. */
    async seen(id: string): Promise<string[]> {
      return (await at().rows(id)).map(({ state, code, held }) => code ?? (held ? 'held' : state));
    },
  };
}
