import type { Article } from '../../core/article.ts';
import type { Channel } from '../../core/channel.ts';
import { RejectedError } from '../../core/errors.ts';
import type { JobResult } from '../../queue/worker.ts';
import type { Articles, DeliveryJob } from '../../store/articles.ts';
import type { FollowUps } from '../../store/follow-ups.ts';
import { type BatchDeps, createBatches } from './batch.ts';
import { type OpenDeps, openFanout } from './open.ts';

/** What channels that write to a list need beside what all do. */
export type ListTools = Pick<BatchDeps, 'fanouts' | 'concurrency' | 'suppress'> &
  Pick<OpenDeps, 'topicBits' | 'people'>;

export interface ListDeps extends Omit<BatchDeps, 'articles' | 'onTrouble'>, OpenDeps {
  articles: Articles;
  followUps: Pick<FollowUps, 'chain'>;
  report(event: { kind: 'picture-dropped'; delivery: string; channel: string; reason: string }): void;
}

/** Deliveries of channels that write to a list of people. */
export interface Lists {
  /**
   * Begins the fan-out of a delivery; safe to repeat. Resolves to false where it is to be repeated, since what it follows is
   * still under way. `say`: composes and keeps the post of a channel, by that job; its hash.
   */
  open(
    attempt: { job: DeliveryJob; token: string },
    channel: Channel,
    say: (as: Channel, job: DeliveryJob) => Promise<string>,
  ): Promise<boolean>;
  /** Sends one batch. */
  deliver(
    job: DeliveryJob,
    channel: Channel | undefined,
    about: { lost: AbortSignal | undefined; isStopping?: (() => boolean) | undefined },
  ): Promise<JobResult>;
}

export function createLists(deps: ListDeps): Lists {
  const { platform } = deps;
  const batches = createBatches({
    ...deps,
    onTrouble: (about) => deps.report({ kind: 'picture-dropped', ...about }),
  });

  return {
    async open({ job, token }, channel, say) {
      const [audience, forms] = [platform.audience?.(channel), platform.forms?.(channel)];
      const story: Article | undefined = await deps.articles.get(job.article, job.version);
      if (!audience || !forms || !story) throw new RejectedError('There is no list to write to, or no article.');
      const chain = job.act === undefined ? undefined : await deps.followUps.chain(job.delivery);
      const { act: _, ...plain } = job;
      return openFanout(deps, {
        ...{ job, token, channel, audience, forms, story },
        follows: chain?.before.map(({ id }) => id) ?? [],
        say: (as, how) => say(as, how === 'plain' ? plain : job),
      });
    },
    async deliver(job, channel, { lost, isStopping = () => false }) {
      const forms = channel && platform.forms?.(channel);
      // Its channel is configured no more, or has no list.
      if (!channel || !forms) await deps.fanouts.cancel(job.delivery, 'no-channel');
      if (!channel || !forms) return batches.sweep({ ...job, batch: job.batch ?? 0 });
      return batches.deliver({ job: { ...job, batch: job.batch ?? 0 }, channel, forms, lost, isStopping });
    },
  };
}
