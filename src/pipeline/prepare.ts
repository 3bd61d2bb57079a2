import type { Article, Image } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { RejectedError } from '../core/errors.ts';
import type { Platform, Publisher, SendRequest } from '../core/platform.ts';
import type { Media, Receipt } from '../core/post.ts';
import type { DeliveryJob } from '../store/articles.ts';
import { type Composed, createComposer } from './compose.ts';
import { createDeadline } from './deadline.ts';

/** What is ready to be sent: composed, pictures fetched and uploaded. */
export interface Ready extends Composed {
  media: Media[];
  uploads: string[];
}

export interface PrepareDeps {
  platform: Platform;
  /** Fetches a picture through the guards; rejects where it can't be used. */
  loadImage(image: Image): Promise<Media>;
  requestTimeoutMs: number;
}

/** Everything that may be repeated, done before the claim: compose, fetch pictures, upload them. */
export type Prepare = (
  subject: { job: DeliveryJob; story: Article; channel: Channel; publisher: Publisher },
  /** Told when a picture could not be used; the post then goes without. */
  onDropped: (reason: string) => void,
) => Ready | Promise<Ready>;

export function createPrepare(deps: PrepareDeps): Prepare {
  const compose = createComposer(deps.platform);

  return ({ job, story, channel, publisher }, onDropped) => {
    const composed = compose(story, channel, true);
    const images = composed.post.parts.flatMap((part) => part.media);
    if (images.length === 0) return { ...composed, media: [], uploads: [] };
    const pictured = async (): Promise<Ready> => {
      const media = await Promise.all(images.map((image) => loadFitting(deps, image)));
      return {
        ...composed,
        media,
        uploads: await upload(deps, publisher, job, channel, { ...composed, media, uploads: [] }),
      };
    };
    return pictured().catch((error: unknown) => {
      // Limits, refused credentials and the like are about the account: they are decided as a failure of the delivery.
      if (error instanceof Error && 'failure' in error && error.failure !== 'rejected') throw error;
      onDropped(error instanceof Error ? error.message : String(error));
      return { ...compose(story, channel, false), media: [], uploads: [] };
    });
  };
}

/** The request for one part, with the pictures that belong to it. */
export function requestFor(
  job: DeliveryJob,
  channel: Channel,
  { post, media, uploads }: Ready,
  part: number,
  earlier: Receipt[],
): SendRequest {
  const before = part === 0 ? 0 : post.parts.slice(0, part).reduce((sum, one) => sum + one.media.length, 0);
  const end = before + (post.parts[part]?.media.length ?? 0);
  return {
    deliveryId: job.delivery,
    post,
    part,
    channel,
    ...(job.recipient === undefined ? {} : { recipient: job.recipient }),
    media: media.slice(before, end),
    uploads: uploads.slice(before, end),
    earlier,
  };
}

async function upload(
  deps: PrepareDeps,
  publisher: Publisher,
  job: DeliveryJob,
  channel: Channel,
  ready: Ready,
): Promise<string[]> {
  if (!publisher.upload) return [];
  const deadline = createDeadline(deps.requestTimeoutMs);
  try {
    return await publisher.upload(
      { ...requestFor(job, channel, ready, 0, []), media: ready.media },
      { signal: deadline.signal },
    );
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
