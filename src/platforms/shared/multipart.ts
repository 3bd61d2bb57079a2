import { randomBytes } from 'node:crypto';
import type { Media } from '../../core/post.ts';

/**
 * A multipart body with text fields and one picture, whole in memory. `FormData` would turn every line break of a text
 * into two characters.
 */
export function multipart(
  fields: Record<string, string>,
  name: string,
  { bytes, mimeType }: Media,
): { headers: Record<string, string>; body: Uint8Array } {
  const boundary = `munadi-${randomBytes(18).toString('hex')}`;
  const head = (disposition: string) => `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n`;
  const texts = Object.entries(fields).map(([field, value]) => `${head(`name="${field}"`)}\r\n${value}\r\n`);
  const filename = `picture.${mimeType.slice('image/'.length)}`;
  const file = `${head(`name="${name}"; filename="${filename}"`)}content-type: ${mimeType}\r\n\r\n`;
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(texts.join('') + file), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
