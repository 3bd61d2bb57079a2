import type { Platform } from '../core/platform.ts';
import { createInbound, type InboundAccount } from '../pipeline/inbound.ts';
import { sendReply } from '../pipeline/reply.ts';
import type { ToldDeps } from '../pipeline/told.ts';
import { startAnswerWorker } from '../queue/answers.ts';
import { platformOf } from './lookup.ts';
import type { Runtime } from './open.ts';

/** Works on what people write to the accounts of a platform, and sends the answers. They stop when the runtime closes. */
export function startPeople(runtime: Runtime, id: string, drainMs: number): NonNullable<ToldDeps['people']> {
  const { config, log, people, answered, answers } = runtime;
  const platform = platformOf({ platform: id });
  const worker = startAnswerWorker(runtime.connect(), {
    prefix: config.redis.prefix,
    platform: id,
    handle: (job, tries) =>
      sendReply(
        {
          answered,
          publisher: (account) => runtime.publisher(account),
          requestTimeoutMs: runtime.config.reliability.requestTimeoutMs,
          now: runtime.clock.now,
          onGivenUp: (about) => log.warn({ platform: id, ...about }, 'a person was not answered'),
        },
        job,
        tries,
      ),
    onFault: (error) => log.error({ platform: id, error: error.message }, 'trouble with answers'),
  });
  runtime.onClose(() => worker.stop(drainMs));
  return createInbound({
    people,
    answered,
    accountsOf: createAccounts(runtime, platform),
    answer: (job) => answers.add(id, job),
    onNoRoom: (account, topics) => log.warn({ account, topics }, 'no room for topics that people ask for'),
    now: runtime.clock.now,
  });
}

/** The accounts of the configuration that holds now, by the number that events name. */
function createAccounts(runtime: Runtime, platform: Platform): (number: string | undefined) => InboundAccount[] {
  let of: Runtime['config'] | undefined;
  let all: { number: string | undefined; account: InboundAccount }[] = [];
  return (number) => {
    if (of !== runtime.config) {
      of = runtime.config;
      all = Object.values(of.accounts).flatMap((account) => {
        if (account.platform !== platform.id) return [];
        const open = platform.subscriptions?.(account);
        const subscriptions = open ?? platform.unsubscribing;
        if (!subscriptions) return [];
        const one = { id: account.id, subscriptions, isClosed: open === undefined };
        return [{ number: platform.webhook?.numberOf(account), account: one }];
      });
    }
    return all.filter((one) => number === undefined || one.number === number).map(({ account }) => account);
  };
}
