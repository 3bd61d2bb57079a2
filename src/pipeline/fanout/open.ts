import type { Article } from '../../core/article.ts';
import type { Channel } from '../../core/channel.ts';
import { RejectedError } from '../../core/errors.ts';
import type { Audience, AudienceForms } from '../../core/platform.ts';
import { priorities } from '../../queue/queues.ts';
import type { DeliveryJob } from '../../store/articles.ts';
import type { Fanouts, Said, Source, Variants } from '../../store/fanout/index.ts';
import type { Subscribers } from '../../store/subscribers/index.ts';
import { isOfUs } from '../../text/phone.ts';

export interface OpenDeps {
  fanouts: Fanouts;
  /** Bits of the topics that an article belongs to, in hex; undefined: the account has no topics. */
  topicBits(channel: Channel, article: Article): Promise<string | undefined>;
  people: Pick<Subscribers, 'tell'>;
}

export interface Opening {
  job: DeliveryJob;
  /** Of the claim that it is begun under. */
  token: string;
  channel: Channel;
  audience: Audience;
  forms: AudienceForms;
  story: Article;
  /** Deliveries that it follows, of which some may have been fan-outs; empty: it follows none. */
  follows: readonly string[];
  /** Composes and keeps the post of a channel, as what follows the live one or as if nothing were live; its hash. */
  say(channel: Channel, as: 'following' | 'plain'): Promise<string>;
}

/**
 * Begins the fan-out of a delivery, and cuts its list into batches. Safe to repeat: what is begun goes on. Resolves to false
 * where what it follows is still under way: then it is to be repeated.
 */
export async function openFanout(deps: OpenDeps, opening: Opening): Promise<boolean> {
  const { fanouts } = deps;
  const { job, token } = opening;
  if ((await fanouts.variants(job.delivery)) === undefined) await begin(deps, opening);
  if (!(await cutAll(fanouts, job.delivery))) return false;
  await fanouts.begun(job.delivery, token);
  return true;
}

/** Cuts a fan-out to its end; false where another one, which it follows, has not ended. */
async function cutAll(fanouts: Pick<Fanouts, 'cut'>, id: string): Promise<boolean> {
  for (;;) {
    const reply = await fanouts.cut(id);
    if (reply.verdict === 'done') return true;
    if (reply.verdict === 'gone') throw new RejectedError('Its list is no longer stored.');
    if (reply.verdict === 'wait') {
      // Whoever was cutting that may have died.
      while ((await fanouts.cut(reply.on)).verdict === 'more');
      return false;
    }
  }
}

async function begin(deps: OpenDeps, opening: Opening): Promise<void> {
  const { fanouts } = deps;
  const { job, channel, audience, story } = opening;
  const { delivery, act, due: _due, wake: _wake, ...rest } = job;
  const before = await fanouts.counts(opening.follows);
  const isFollowing = act !== undefined && act !== 'followUp' && before.some((counts) => counts !== undefined);
  const source: Source = isFollowing
    ? { of: 'follow', follows: [...opening.follows], held: act === 'retract' }
    : audience === 'subscribers'
      ? await subscribersFor(deps, opening)
      : await fixedFor(deps, channel.account, audience.people.map(nameOf));
  await fanouts.open({
    id: delivery,
    article: story.id,
    version: job.version,
    channel: channel.id,
    account: channel.account,
    variants: JSON.stringify(await variantsOf(opening, isFollowing)),
    source,
    job: { delivery, ...(act === undefined ? {} : { act }), ...rest },
  });
}

async function subscribersFor(deps: OpenDeps, { job, channel, story }: Opening): Promise<Source> {
  const topics = await deps.topicBits(channel, story);
  const breaking = job.priority === priorities.breaking;
  return { of: 'people', account: channel.account, ...(topics === undefined ? {} : { topics }), breaking };
}

/** Numbers of the United States are on record before anybody is claimed. */
async function fixedFor({ people }: OpenDeps, account: string, whos: readonly string[]): Promise<Source> {
  const us = whos.filter(isOfUs).map((who) => ({ who, act: 'none' as const, atMs: 0, isUs: true }));
  if (us.length > 0) await people.tell(account, us);
  return { of: 'fixed', people: whos.join('\n') };
}

/** People are known by the digits of their numbers. */
function nameOf(recipient: string): string {
  return recipient.replace(/^\+/, '');
}

/** Those who have the message hear of the change, those who were still to get it get the new one. */
async function variantsOf({ job, forms, say }: Opening, isFollowing: boolean): Promise<Variants> {
  const posts: string[] = [];
  const add = async (channel: Channel, as: 'following' | 'plain') => posts.push(await say(channel, as)) - 1;
  const said = async (as: 'following' | 'plain'): Promise<Said> => {
    const languages: Record<string, number> = {};
    const standard = await add(forms.template, as);
    for (const [language, channel] of Object.entries(forms.languages)) languages[language] = await add(channel, as);
    return { default: standard, languages, ...(forms.text ? { text: await add(forms.text, as) } : {}) };
  };
  if (!isFollowing) return { plain: await said('plain'), posts };
  const live = await said('following');
  return { live, plain: job.act === 'retract' ? live : await said('plain'), posts };
}
