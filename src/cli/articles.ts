import { createReadStream } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { InputError } from '../core/errors.ts';
import { checkEditorsWords } from '../pipeline/editor.ts';
import { platformOf } from '../runtime/lookup.ts';
import { maxArticleBytes } from '../sources/article.ts';
import { type ArticleDraft, createGuardedFetch, readArticle, readUrl } from '../sources/index.ts';

/**
 * Reads the articles named on a command line: files, `-` for standard input, or addresses. Throws one `InputError` that
 * lists every one that can't be used.
 */
export async function readArticles(names: string[], config: Config): Promise<ArticleDraft[]> {
  if (names.length === 0)
    throw new InputError('Name at least one file, address, or - for standard input.', { code: 'no-file' });
  const results = await Promise.allSettled(names.map((name) => readOne(name, config)));
  const problems = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as Error);
  const strange = problems.find((problem) => !(problem instanceof InputError));
  if (strange) throw strange;
  if (problems.length > 0) {
    const rest = names.length > problems.length ? '\nNothing was stored.' : '';
    throw new InputError(problems.map(({ message }) => message).join('\n') + rest, { code: 'bad-articles' });
  }
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** Throws `InputError` where a channel has no room for what an editor gave with one of the articles. */
export function checkWords(
  articles: readonly Article[],
  { channels }: Pick<Config, 'channels'>,
  wanted: readonly string[] | undefined,
): void {
  const compose = (article: Article, channel: Channel) => platformOf(channel).compose(article, channel);
  for (const article of articles) checkEditorsWords(article, { channels, compose }, wanted);
}

async function readOne(name: string, config: Config): Promise<ArticleDraft> {
  if (/^https?:\/\//i.test(name)) {
    const fetch = createGuardedFetch(config.fetch);
    try {
      return await readUrl(name, fetch);
    } finally {
      await fetch.close();
    }
  }
  return readArticle(await readInput(name, { what: 'an article', maxBytes: maxArticleBytes }));
}

/**
 * The bytes of a file, or of standard input for `-`, with its name for messages. Throws `InputError` (`no-file`,
 * `too-large`).
 */
export async function readInput(name: string, limit: InputLimit): Promise<{ bytes: Buffer; name: string }> {
  if (name === '-') return { bytes: await readAll(process.stdin, 'standard input', limit), name: 'standard input' };
  const bytes = await readAll(createReadStream(name), name, limit).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof InputError) throw error;
    const why =
      error.code === 'ENOENT' ? 'there is no such file' : error.code === 'EISDIR' ? 'it is a folder' : error.message;
    throw new InputError(`${name}: ${why}.`, { code: 'no-file' });
  });
  return { bytes, name };
}

interface InputLimit {
  /** What is read, for messages. */
  what: string;
  maxBytes: number;
}

/** Stops at the limit: what is named may be a device, or a file of gigabytes. */
async function readAll(stream: NodeJS.ReadableStream, name: string, { what, maxBytes }: InputLimit): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > maxBytes) {
      const megabytes = maxBytes / 1024 / 1024;
      throw new InputError(`${name} is larger than ${what} may be (${megabytes} MB, ${maxBytes} bytes).`, {
        code: 'too-large',
        status: 413,
      });
    }
  }
  return Buffer.concat(chunks);
}
