import type { Article, Image } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { RejectedError } from '../core/errors.ts';
import type { Platform, Publisher, SendRequest } from '../core/platform.ts';
import type { Media, Post, Receipt } from '../core/post.ts';
import type { DeliveryJob } from '../store/articles.ts';
import { type Composed, createComposer } from './compose.ts';
import { createDeadline } from './deadline.ts';
import { stepsOf } from './steps.ts';

/** What is ready to be sent: composed, pictures fetched and uploaded. */
export interface Ready extends Composed {
  /** Of each part. */
  pictures: { media: Media[]; uploads: string[] }[];
}

export interface PrepareDeps {
  platform: Platform;
  /** Fetches a picture through the guards; rejects where it can't be used. */
  loadImage(image: Image): Promise<Media>;
  requestTimeoutMs: number;
}

interface Subject {
  job: DeliveryJob;
  channel: Channel;
  publisher: Publisher;
}

/** Composes a post, with pictures or without. */
export type Make = (pictures: boolean) => Promise<Composed | undefined>;

/** Everything that may be repeated, done before a part is sent: compose, fetch pictures, upload them. */
export interface Prepare {
  /**
   * A post made from its article, or by `make`, which may have none. Where a picture cannot be used it goes without, and
   * `onDropped` is told why.
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

  async function made(subject: Subject, make: Make, onDropped: (reason: string) => void): Promise<Ready | undefined> {
    const composed = await make(true);
    if (!composed) return undefined;
    return illustrate(deps, subject, composed, 0).catch(async (error: unknown) => {
      dropped(error, onDropped);
      const plain = await make(false);
      return plain && bare(plain);
    });
  }

  return {
    fresh(subject, make, onDropped) {
      const { story, channel } = subject;
      if (make) return made(subject, make, onDropped);
      const composed = compose(story, channel, true);
      if (composed.post.parts.every(({ media }) => media.length === 0)) return bare(composed);
      return illustrate(deps, subject, composed, 0).catch((error: unknown) => {
        dropped(error, onDropped);
        return bare(compose(story, channel, false));
      });
    },
    rest: (subject, stored, from, onDropped) =>
      illustrate(deps, subject, stored, from).catch((error: unknown) => {
        dropped(error, onDropped);
        return bare(stored);
      }),
  };
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
      const media = await Promise.all(images.map((image) => loadFitting(deps, image)));
      return { media, uploads: await upload(deps, subject, { ...ready, pictures: [] }, part, media) };
    }),
  );
  return { ...ready, pictures };
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

async function loadFitting({ platform, loadImage }: PrepareDeps, image: Image): Promise<Media> {
  const media = await loadImage(image);
  const { types, maxBytes } = platform.media;
  if (!types.includes(media.mimeType)) {
    throw new RejectedError(`${platform.name} takes no ${media.mimeType} (${image.url}).`);
  }
  if (media.bytes.length > maxBytes) {
    throw new RejectedError(`${image.url} has ${media.bytes.length} bytes; ${platform.name} takes ${maxBytes}.`);
  }
  return media;
}
