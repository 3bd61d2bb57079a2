import type { Article, Image } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { PictureRules } from '../core/picture.ts';
import type { Platform, Publisher, SendRequest } from '../core/platform.ts';
import type { Media, Post, Receipt } from '../core/post.ts';
import type { DeliveryJob } from '../store/articles.ts';
import { type Composed, createComposer, type Pictures } from './compose.ts';
import { createDeadline } from './deadline.ts';
import { stepsOf } from './steps.ts';

/** What is ready to be sent: composed, pictures fetched and uploaded. */
export interface Ready extends Composed {
  /** Of each part. */
  pictures: { media: Media[]; uploads: string[] }[];
}

export interface PrepareDeps {
  platform: Platform;
  /** Fetches a picture through the guards and makes it fit; rejects where it can't be used. */
  loadImage(image: Image, rules: PictureRules): Promise<Media>;
  /** The same of a channel's `defaultImage`. */
  loadDefault(reference: string, rules: PictureRules): Promise<Media>;
  requestTimeoutMs: number;
}

interface Subject {
  job: DeliveryJob;
  channel: Channel;
  publisher: Publisher;
}

/** Composes a post with such pictures. */
export type Make = (pictures: Pictures) => Promise<Composed | undefined>;

/** Everything that may be repeated, done before a part is sent: compose, fetch pictures, upload them. */
export interface Prepare {
  /**
   * A post made from its article, or by `make`, which may have none. Where a picture cannot be used it goes with
   * the article's next, the channel's default, or without, and `onDropped` is told why.
   */
  fresh(
    subject: Subject & { story: Article },
    make: Make | undefined,
    onDropped: (reason: string) => void,
  ): Ready | undefined | Promise<Ready | undefined>;
  /** A post that is live up to part `from`, as it was stored. */
  rest(subject: Subject, stored: Composed, from: number, onDropped: (reason: string) => void): Promise<Ready>;
}

export function createPrepare(deps: PrepareDeps): Prepare {
  const compose = createComposer(deps.platform);

  /** With the best pictures that can be used. */
  async function illustrated(
    subject: Subject & { story: Article },
    make: (pictures: Pictures) => Composed | undefined | Promise<Composed | undefined>,
    onDropped: (reason: string) => void,
  ): Promise<Ready | undefined> {
    const { story, channel } = subject;
    const began = performance.now();
    for (const pictures of choices(story, channel)) {
      // The news waits for its first picture; for the others it does not wait long.
      if (typeof pictures === 'number' && pictures > 0 && performance.now() - began > patienceMs) continue;
      const composed = await make(pictures);
      if (!composed) return undefined;
      try {
        return await illustrate(deps, subject, composed, 0);
      } catch (error) {
        dropped(error, onDropped);
      }
    }
    const plain = await make('none');
    return plain && bare(plain);
  }

  return {
    fresh(subject, make, onDropped) {
      const { story, channel } = subject;
      if (make) return illustrated(subject, make, onDropped);
      const composed = compose(story, channel, 0);
      if (composed.post.parts.every(({ media }) => media.length === 0)) return bare(composed);
      return illustrated(subject, (pictures) => compose(story, channel, pictures), onDropped);
    },
    rest: (subject, stored, from, onDropped) =>
      illustrate(deps, subject, stored, from).catch((error: unknown) => {
        dropped(error, onDropped);
        return bare(stored);
      }),
  };
}

/** Pictures of an article that are tried, and how long they may take until no further one is. */
const mostTried = 3;
const patienceMs = 5_000;

function choices({ images }: Article, { defaultImage }: Channel): Pictures[] {
  if (images.length === 0) return [0];
  const own = images.slice(0, mostTried).map((_, index) => index);
  return defaultImage === undefined ? own : [...own, 'default'];
}

function bare(composed: Composed): Ready {
  return { ...composed, pictures: composed.post.parts.map(() => ({ media: [], uploads: [] })) };
}

/** Throws on what is about the account (limits, refused credentials): it is decided as a failure of the delivery. */
function dropped(error: unknown, onDropped: (reason: string) => void): void {
  if (error instanceof Error && 'failure' in error && error.failure !== 'rejected') throw error;
  onDropped(error instanceof Error ? error.message : String(error));
}

async function illustrate(deps: PrepareDeps, subject: Subject, composed: Composed, from: number): Promise<Ready> {
  const ready = bare(composed);
  const pictures = await Promise.all(
    composed.post.parts.map(async ({ media: images }, part) => {
      if (images.length === 0 || !isSent(composed.post, part, from)) return { media: [], uploads: [] };
      const media = await Promise.all(images.map((image) => load(deps, subject.channel, image)));
      return { media, uploads: await upload(deps, subject, { ...ready, pictures: [] }, part, media) };
    }),
  );
  return { ...ready, pictures };
}

/** An article names no files: what is equal to the channel's own default is that. */
function load({ platform, loadImage, loadDefault }: PrepareDeps, { defaultImage }: Channel, image: Image) {
  return image.url === defaultImage ? loadDefault(defaultImage, platform.media) : loadImage(image, platform.media);
}

/** Whether a part is yet to be sent, where so many steps are done. What is edited keeps its picture. */
function isSent(post: Post, part: number, done: number): boolean {
  return stepsOf(post).some((step, index) => index >= done && step.do === 'send' && step.part === part);
}

/** The request for one part, with the pictures that belong to it. */
export function requestFor(
  { job, channel }: Pick<Subject, 'job' | 'channel'>,
  { post, pictures }: { post: Post; pictures: Ready['pictures'] },
  part: number,
  earlier: Receipt[],
): SendRequest {
  return {
    deliveryId: job.delivery,
    post,
    part,
    channel,
    ...(job.recipient === undefined ? {} : { recipient: job.recipient }),
    media: pictures[part]?.media ?? [],
    uploads: pictures[part]?.uploads ?? [],
    earlier,
    ...(post.replyTo && earlier.length === 0 ? { replyTo: post.replyTo } : {}),
  };
}

async function upload(
  deps: PrepareDeps,
  subject: Subject,
  ready: Ready,
  part: number,
  media: Media[],
): Promise<string[]> {
  const { publisher } = subject;
  if (!publisher.upload) return [];
  const deadline = createDeadline(deps.requestTimeoutMs);
  try {
    return await publisher.upload({ ...requestFor(subject, ready, part, []), media }, { signal: deadline.signal });
  } finally {
    deadline.clear();
  }
}
