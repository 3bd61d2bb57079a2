import type { Channel } from '../core/channel.ts';
import type { Platform, Publisher } from '../core/platform.ts';
import type { JobResult } from '../queue/worker.ts';
import type { Articles, DeliveryJob } from '../store/articles.ts';
import type { Doubt } from '../store/claims.ts';
import type { Pauses } from '../store/pauses.ts';
import type { PublishEvent } from './events.ts';
import { type ReconcileDeps, reconcile } from './reconcile.ts';
import { pauseAfter } from './sending.ts';

export interface FindOutDeps extends ReconcileDeps {
  platform: Platform;
  publisher(account: string): Publisher;
  articles: Articles;
  pauses: Pauses;
  credentialsOf(account: string): string;
  report(event: PublishEvent): void;
}

/** Asks about a delivery that may be live, and tells what came of it. Resolves to when to come again, if ever. */
export async function findOut(
  deps: FindOutDeps,
  { job, channel, doubt }: { job: DeliveryJob; channel: Channel | undefined; doubt: Doubt },
): Promise<JobResult> {
  const stored = doubt.postHash === '' ? undefined : await deps.articles.post(job.article, doubt.postHash);
  // The claim may be all that came back of what was stored; the same article gives the same post.
  const story = stored ? undefined : await deps.articles.get(job.article, job.version);
  const post = stored ?? (story && channel && deps.platform.compose(story, channel));
  const publisher = channel && deps.publisher(channel.account);
  const uncertain = { job, channel, publisher, doubt, post };
  const { result, reply, outcome, reason, trouble } = await reconcile(deps, uncertain);
  if (channel && trouble?.failure === 'unauthorized') await pauseAfter(deps, channel, trouble);
  const about = { delivery: job.delivery, channel: job.channel };
  const state = reply.verdict === 'recorded' ? reply.state : reply.verdict;
  deps.report({ kind: 'asked', ...about, outcome, state, reason });
  if (outcome === 'held' && state === 'unconfirmed') deps.report({ kind: 'held', ...about, reason: reason ?? '' });
  return result;
}
