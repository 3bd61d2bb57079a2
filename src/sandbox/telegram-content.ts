import { keepPicture, pictureAt } from './picture.ts';
import type { SandboxMedia } from './post.ts';
import type { SandboxRecord } from './record.ts';
import type { SandboxAnswer, SandboxRequest } from './simulation.ts';
import { parseTelegramHtml } from './telegram-html.ts';
import { measured } from './telegram-message.ts';

export const maxText = 4096;
export const maxCaption = 1024;
const maxRawBytes = 32_768;
const maxPhotoBytes = 10 * 1024 * 1024;

/** A refusal as the Bot API words it. */
export function fail(code: number, description: string, parameters?: object): SandboxAnswer {
  return { status: code, json: { ok: false, error_code: code, description, ...(parameters ? { parameters } : {}) } };
}

export function bad(what: string): SandboxAnswer {
  return fail(400, `Bad Request: ${what}`);
}

export function ok(result: unknown): SandboxAnswer {
  return { status: 200, json: { ok: true, result } };
}

/** The text or caption of a request once its entities are parsed, or what is wrong with it. */
export function contentOf(
  fields: Record<string, unknown>,
  name: 'text' | 'caption',
  limit: number,
): { text: string; markup: string | undefined } | SandboxAnswer {
  const raw = fields[name] ?? '';
  if (typeof raw !== 'string') return bad(`${name} must be a string`);
  if (Buffer.byteLength(raw) > maxRawBytes) return bad('Text is too long');
  const mode = String(fields.parse_mode ?? '').toLowerCase();
  if (mode !== '' && mode !== 'html') return bad('unsupported parse_mode');
  const parsed = mode === '' ? { text: raw.trim() } : parseTelegramHtml(raw);
  if ('error' in parsed) return bad(`can't parse entities: ${parsed.error}`);
  // A numeric entity can name half a surrogate pair.
  if (!parsed.text.isWellFormed()) return bad('strings must be encoded in UTF-8');
  if (name === 'text' && parsed.text === '') {
    return bad(raw === '' ? 'message text is empty' : 'text must be non-empty');
  }
  if (measured(parsed.text).length > limit) {
    return bad(name === 'text' ? 'message is too long' : 'message caption is too long');
  }
  return { text: parsed.text, markup: mode === '' ? undefined : raw };
}

/** The picture that `given` names: a file of the request, or an address, which is not fetched. */
export function photoOf(
  record: SandboxRecord,
  { files }: SandboxRequest,
  given: unknown,
): SandboxMedia | SandboxAnswer {
  const attached =
    typeof given === 'string' && given.startsWith('attach://') ? given.slice('attach://'.length) : 'photo';
  const file = files.find(({ name }) => name === attached);
  if (!file) {
    if (typeof given !== 'string' || given === '') return bad('there is no photo in the request');
    if (!/^https?:\/\//.test(given)) return bad('wrong file identifier/HTTP URL specified');
    return pictureAt(given);
  }
  if (file.bytes.length > maxPhotoBytes) return fail(413, 'Request Entity Too Large');
  const kept = keepPicture(record, file.bytes);
  if (!kept) return bad('IMAGE_PROCESS_FAILED');
  if (kept.width + kept.height > 10_000 || Math.max(kept.width / kept.height, kept.height / kept.width) > 20) {
    return bad('PHOTO_INVALID_DIMENSIONS');
  }
  return kept;
}
