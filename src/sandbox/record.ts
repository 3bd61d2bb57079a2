import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A picture that came with a post. */
export interface SandboxMedia {
  kind: 'photo';
  mimeType: string;
  bytes: number;
  sha256: string;
  width: number;
  height: number;
  alt?: string;
  /** Where it was given as an address, which the sandbox does not fetch. */
  url?: string;
}

/** One message that a simulated platform truly accepted. */
export interface SandboxPost {
  platform: string;
  id: string;
  url: string;
  /** ISO 8601. */
  at: string;
  /** Chat, user, recipient or page. */
  target: string;
  /** What the reader sees. */
  text: string;
  /** The markup that was sent, where there is one. */
  markup?: string;
  /** By the platform's own count. */
  length: number;
  limit: number;
  unit: 'code points' | 'utf16' | 'weighted';
  /** Telegram: the stricter reading of its limit, beside code points. */
  utf16Length?: number;
  media: SandboxMedia[];
  link?: string;
  template?: { name: string; language: string; parameters: string[] };
  /** WhatsApp: the template's small print, not part of `text`. */
  footer?: string;
  /** WhatsApp: `biz_opaque_callback_data`. */
  opaque?: string;
  replyTo?: string;
  edited?: boolean;
  removed?: boolean;
  /** The request's fields, without credentials. */
  raw: unknown;
}

/** What a platform accepted, oldest first; kept on disk where a file is given. */
export interface SandboxRecord {
  add(post: SandboxPost): void;
  update(id: string, change: Partial<SandboxPost>): void;
  get(id: string): SandboxPost | undefined;
  all(): SandboxPost[];
  putMedia(sha256: string, bytes: Buffer, mimeType: string): void;
  media(sha256: string): { bytes: Buffer; mimeType: string } | undefined;
  /** Hashes of the pictures held. */
  pictures(): string[];
  clear(): void;
}

/** Pictures are held up to this many bytes in all, the newest. */
const maxMediaBytes = 64 * 1024 * 1024;

/** Opens a record; lines of `file` are read back, so that links to posts outlive a restart. */
export function openRecord(file?: string): SandboxRecord {
  const posts = new Map<string, SandboxPost>();
  const pictures = new Map<string, { bytes: Buffer; mimeType: string }>();
  let held = 0;
  if (file) {
    mkdirSync(dirname(file), { recursive: true });
    for (const entry of readLines(file)) apply(entry);
  }

  function apply(entry: Entry): void {
    if ('post' in entry) posts.set(entry.post.id, entry.post);
    else if ('media' in entry)
      hold(entry.media, { bytes: Buffer.from(entry.base64, 'base64'), mimeType: entry.mimeType });
    else {
      const post = posts.get(entry.id);
      if (post) Object.assign(post, entry.change);
    }
  }

  function hold(sha256: string, picture: { bytes: Buffer; mimeType: string }): void {
    pictures.set(sha256, picture);
    held += picture.bytes.length;
    for (const [oldest, { bytes }] of pictures) {
      if (held <= maxMediaBytes) break;
      held -= bytes.length;
      pictures.delete(oldest);
    }
  }

  function write(entry: Entry): void {
    apply(entry);
    if (file) appendFileSync(file, `${JSON.stringify(entry)}\n`);
  }

  return {
    add: (post) => write({ post }),
    update: (id, change) => write({ id, change }),
    get: (id) => posts.get(id),
    all: () => [...posts.values()],
    putMedia(sha256, bytes, mimeType) {
      if (!pictures.has(sha256)) write({ media: sha256, mimeType, base64: bytes.toString('base64') });
    },
    media: (sha256) => pictures.get(sha256),
    pictures: () => [...pictures.keys()],
    clear() {
      posts.clear();
      pictures.clear();
      held = 0;
      if (file) writeFileSync(file, '');
    },
  };
}

type Entry =
  | { post: SandboxPost }
  | { id: string; change: Partial<SandboxPost> }
  | { media: string; mimeType: string; base64: string };

/** A torn last line (the process died while writing) is skipped. */
function readLines(file: string): Entry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as Entry];
    } catch {
      return [];
    }
  });
}
