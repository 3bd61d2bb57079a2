import { UsageError } from '../proof.ts';

/** How large a run is. */
export interface Plan {
  /** Normal deliveries in the queue before the workers start, over all platforms. */
  deliveries: number;
  /** Breaking articles that are timed, one after the other, idle and loaded each. */
  samples: number;
  /** Whether the time is judged, beside the order: not where other work runs beside. */
  judgesPace: boolean;
}

export const usage = '[--short | [--deliveries N] [--samples N]]';

/** Milliseconds by which the sandbox answers late: a platform that is far away, and a backlog that lasts. */
export const platformDelayMs = 50;
/** Processes, each a worker of every platform. */
export const processes = 2;
/** Deliveries that one of them has in hand at once, per platform: the default of the program. */
export const concurrency = 50;

/** Reads the options of the proof. Throws `UsageError`. */
export function readPlan(args: readonly string[]): Plan {
  const rest = [...args];
  if (rest.length === 1 && rest[0] === '--short') return { deliveries: 800, samples: 3, judgesPace: false };
  const number = (name: string, usual: number, least: number) => {
    const at = rest.indexOf(name);
    if (at < 0) return usual;
    const [, value] = rest.splice(at, 2);
    if (value === undefined || !/^\d{1,6}$/.test(value) || Number(value) < least) {
      throw new UsageError(
        `${name} takes a number from ${least} on, got ${value === undefined ? 'nothing' : `"${value}"`}.`,
      );
    }
    return Number(value);
  };
  const plan = {
    deliveries: number('--deliveries', 5_000, 400),
    samples: number('--samples', 20, 1),
    judgesPace: true,
  };
  if (rest.length > 0) throw new UsageError(`breaking does not know "${rest.join(' ')}". Its options: ${usage}`);
  return plan;
}

/** One channel a platform. The limits are lifted: what is proved is the lane, and the queue has to move. */
export function configOf(roots: Record<string, string>, port: number): object {
  return {
    data: './data',
    http: { port },
    accounts: {
      telegram: { platform: 'telegram', token: '${TG}', apiRoot: roots.telegram },
      x: {
        ...{ platform: 'x', appKey: '${K}', appSecret: '${S}', accessToken: '${X1}', accessSecret: '${S}' },
        apiRoot: roots.x,
      },
      whatsapp: { platform: 'whatsapp', phoneNumberId: '7003', accessToken: '${WA}', apiRoot: roots.whatsapp },
      facebook: { platform: 'facebook', pageId: '7001', accessToken: '${FB}', apiRoot: roots.facebook },
    },
    channels: [
      { id: 'telegram', account: 'telegram', chat: '@proof_breaking' },
      { id: 'x', account: 'x' },
      {
        id: 'whatsapp',
        account: 'whatsapp',
        recipients: ['+963900000001'],
        template: { name: 'news', language: 'ar' },
      },
      { id: 'facebook', account: 'facebook' },
    ],
    breaking: { keywords: ['عاجل'] },
    limits: { enabled: false },
    workers: { concurrency },
    log: { level: 'error' },
  };
}
