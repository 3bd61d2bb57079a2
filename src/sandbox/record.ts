import { putBounded } from './bounded.ts';
import type { PostChange, SandboxPost } from './post.ts';
import { openRecordFile, type RecordEntry } from './record-file.ts';

export interface HeldPicture {
  bytes: Buffer;
  mimeType: string;
}

/** What a platform accepted, oldest first; kept on disk where a file is given. */
export interface SandboxRecord {
  add(post: SandboxPost): void;
  update(id: string, change: PostChange): void;
  get(id: string): SandboxPost | undefined;
  all(): SandboxPost[];
  putMedia(sha256: string, bytes: Buffer, mimeType: string): void;
  media(sha256: string): HeldPicture | undefined;
  /** Hashes of the pictures held. */
  pictures(): string[];
  clear(): void;
  /** Nothing is kept on disk any more. */
  close(): void;
}

/** Pictures are held up to this many bytes in all, the newest. */
const maxMediaBytes = 64 * 1024 * 1024;
/** Posts beyond these are forgotten, the oldest first. */
export const maxPosts = 200_000;

/** Opens a record; lines of `file` are read back, so that links to posts outlive a restart. */
export function openRecord(file?: string): SandboxRecord {
  const posts = new Map<string, SandboxPost>();
  const pictures = new Map<string, HeldPicture>();
  let held = 0;
  const disk = file === undefined ? undefined : openRecordFile(file, read, entries);

  function read(entry: RecordEntry): void {
    if ('post' in entry) put(entry.post);
    else hold(entry.media, { bytes: Buffer.from(entry.base64, 'base64'), mimeType: entry.mimeType });
  }

  /** All that a file has to hold. */
  function* entries(): Iterable<RecordEntry> {
    for (const [media, { bytes, mimeType }] of pictures) yield { media, mimeType, base64: bytes.toString('base64') };
    for (const post of posts.values()) yield { post };
  }

  /** A changed post keeps its place. */
  function put(post: SandboxPost): void {
    putBounded(posts, post.id, post, maxPosts);
  }

  function hold(sha256: string, picture: HeldPicture): void {
    if (pictures.has(sha256)) return;
    pictures.set(sha256, picture);
    held += picture.bytes.length;
    for (const [oldest, { bytes }] of pictures) {
      if (held <= maxMediaBytes) break;
      held -= bytes.length;
      pictures.delete(oldest);
    }
  }

  return {
    add(post) {
      put(post);
      disk?.append({ post });
    },
    update(id, change) {
      const before = posts.get(id);
      if (!before) return;
      const fields = Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined);
      const post = Object.fromEntries(fields) as unknown as SandboxPost;
      put(post);
      disk?.append({ post });
    },
    get: (id) => posts.get(id),
    all: () => [...posts.values()],
    putMedia(sha256, bytes, mimeType) {
      if (pictures.has(sha256)) return;
      hold(sha256, { bytes, mimeType });
      disk?.append({ media: sha256, mimeType, base64: bytes.toString('base64') });
    },
    media: (sha256) => pictures.get(sha256),
    pictures: () => [...pictures.keys()],
    clear() {
      posts.clear();
      pictures.clear();
      held = 0;
      disk?.clear();
    },
    close: () => disk?.close(),
  };
}
