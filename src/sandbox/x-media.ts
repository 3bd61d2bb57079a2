import { putBounded } from './bounded.ts';
import { keepPicture } from './picture.ts';
import type { SandboxMedia } from './post.ts';
import type { SandboxAnswer, SandboxRequest, SandboxSite } from './simulation.ts';
import { found, invalid, missing } from './x-answer.ts';

/** X API, media best practices: pictures, and moving ones. */
const maxBytes = (mimeType: string) => (mimeType === 'image/gif' ? 15 : 5) * 1024 * 1024;
/** As many uploads wait for their post; X forgets them in a day. */
const maxWaiting = 1_000;
const maxAltText = 1_000;
const route = /^\/2\/media\/upload(?:\/(\w+))?(?:\/(\w+))?$/;

interface Upload {
  owner: string;
  picture: SandboxMedia | undefined;
  chunks: Buffer[];
}

/** Uploads of pictures, whole or in chunks, and their alt texts. */
export interface XMedia {
  upload(request: SandboxRequest, user: string): SandboxAnswer;
  describe(request: SandboxRequest, user: string): SandboxAnswer;
  /** The pictures of a post, or what is wrong with their ids. */
  take(ids: readonly unknown[], user: string): SandboxMedia[] | SandboxAnswer;
  clear(): void;
}

export function createXMedia({ record }: SandboxSite, nextId: () => string): XMedia {
  const uploads = new Map<string, Upload>();

  const keep = (id: string, upload: Upload) => putBounded(uploads, id, upload, maxWaiting);

  function finish(id: string, owner: string, bytes: Buffer): SandboxAnswer {
    const picture = keepPicture(record, bytes);
    if (!picture) return invalid('The media is not of a type that is supported.');
    if (bytes.length > maxBytes(picture.mimeType)) return invalid('The size of the media is too large.');
    keep(id, { owner, picture, chunks: [] });
    return found({ data: { id, media_key: `3_${id}`, size: bytes.length, expires_after_secs: 86_400 } });
  }

  return {
    upload({ path, fields, files }, user) {
      const [, id, step] = path.match(route) ?? [];
      if (id === 'initialize') {
        const created = nextId();
        keep(created, { owner: user, picture: undefined, chunks: [] });
        return found({ data: { id: created, media_key: `3_${created}`, expires_after_secs: 86_400 } });
      }
      const bytes = files[0]?.bytes ?? Buffer.from(typeof fields.media === 'string' ? fields.media : '', 'base64');
      if (id === undefined) {
        if (fields.media_category === undefined) return invalid('media_category is required');
        return finish(nextId(), user, bytes);
      }
      const begun = uploads.get(id);
      if (!begun || begun.owner !== user || begun.picture) return invalid('The media id is not of an open upload.');
      if (step === 'append') {
        begun.chunks.push(bytes);
        return found({ data: {} });
      }
      return step === 'finalize'
        ? finish(id, user, Buffer.concat(begun.chunks))
        : missing('No such step of an upload.');
    },
    describe({ fields }, user) {
      const text = (fields.metadata as { alt_text?: { text?: unknown } } | undefined)?.alt_text?.text;
      const upload = uploads.get(String(fields.id));
      if (!upload?.picture || upload.owner !== user) return missing('Could not find the media.');
      if (typeof text !== 'string' || text.length > maxAltText) {
        return invalid(`alt_text.text must be at most ${maxAltText} characters`);
      }
      upload.picture = { ...upload.picture, alt: text };
      return found({ data: { id: String(fields.id), associated_metadata: { alt_text: { text } } } });
    },
    take(ids, user) {
      const media: SandboxMedia[] = [];
      for (const id of ids) {
        const upload = uploads.get(String(id));
        if (!upload?.picture || upload.owner !== user) return invalid('Your media IDs are invalid.');
        media.push(upload.picture);
      }
      if (media.length > 1 && media.some(({ mimeType }) => mimeType === 'image/gif')) {
        return invalid('A post holds up to 4 photos or 1 GIF.');
      }
      return media;
    },
    clear: () => uploads.clear(),
  };
}
