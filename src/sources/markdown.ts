import { parseDocument } from 'yaml';
import { InputError } from '../core/errors.ts';
import { lazyPackage } from '../core/lazy-package.ts';
import { maxArticleBytes, readUtf8 } from './article.ts';
import { bestImage, type ImageCandidate } from './best-image.ts';
import { toDraft } from './draft.ts';
import { imageInTag } from './image-tag.ts';
import { readJson } from './json.ts';
import { htmlToLine, htmlToParagraphs } from './markup.ts';
import type { SourceDocument } from './source.ts';

const markdown = lazyPackage<typeof import('marked')>('marked');

const frontMatter = /^---[ \t]*\r?\n([\s\S]*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;

/** The time to read keys, and what is quoted in quotes, grows with the square of their number. */
const mostFrontMatter = 20_000;
const tooNested = /^[ \t]*(?:>[ \t]*|(?:[-*+]|\d{1,9}[.)])[ \t]+){40}/m;

/**
 * Markdown, with the article's other fields as YAML between lines of `---` in front. Without a `title` there, the first
 * heading is the headline. Throws `InputError`.
 */
export function readMarkdown(bytes: Uint8Array, name: string): SourceDocument {
  const text = readUtf8(bytes, name, maxArticleBytes);
  const [whole = '', yaml = ''] = frontMatter.exec(text) ?? [];
  const { draft: isDraft, date, ...fields } = readYaml(yaml, name);
  if (tooNested.test(text)) {
    throw new InputError(`${name} has quotes or lists within each other over 40 levels deep. Give it as plain text.`, {
      code: 'invalid',
      status: 422,
    });
  }
  if (isDraft === true) return { event: 'wait', reason: 'it says "draft: true"' };
  const { marked } = markdown();
  const tokens = marked.lexer(text.slice(whole.length));
  const heading = tokens.find((token) => token.type === 'heading');
  const title = fields.title ?? (heading ? htmlToLine(marked.parser([heading])) : undefined);
  const rest = fields.title === undefined ? tokens.filter((token) => token !== heading) : tokens;
  const html = marked.parser(rest);
  const pictures: ImageCandidate[] = [];
  const raw = readJson(
    JSON.stringify({
      ...fields,
      ...(title === undefined ? {} : { title }),
      ...(date === undefined || fields.publishedAt !== undefined ? {} : { publishedAt: date }),
      paragraphs: htmlToParagraphs(html, (attribute) => {
        const found = imageInTag(attribute);
        if (found) pictures.push({ ...found, from: 'text' });
      }),
    }),
    name,
  );
  const picture = raw.images && raw.images.length > 0 ? undefined : bestImage(pictures, raw.url);
  const draft = toDraft({ ...raw, ...(picture ? { images: [picture] } : {}) }, name);
  const key = draft.id ?? draft.url;
  return { event: 'publish', draft, ...(key === undefined ? {} : { key }) };
}

function readYaml(yaml: string, name: string): Record<string, unknown> {
  if (yaml.trim() === '') return {};
  if (yaml.length > mostFrontMatter) {
    throw new InputError(
      `${name}: the front matter has ${yaml.length} characters, of at most ${mostFrontMatter}. Put the text below it.`,
      { code: 'bad-front-matter', status: 422 },
    );
  }
  const document = parseDocument(yaml, { schema: 'core', logLevel: 'silent', prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const line = yaml.slice(0, error.pos[0]).split('\n').length + 1;
    throw new InputError(`${name}, line ${line}: the front matter is no YAML (${error.message}).`, {
      code: 'bad-front-matter',
      status: 422,
    });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    throw new InputError(`${name}: the front matter cannot be read (${(error as Error).message}).`, {
      code: 'bad-front-matter',
      status: 422,
      cause: error,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`${name}: the front matter has to be keys and values, such as "title: …".`, {
      code: 'bad-front-matter',
      status: 422,
    });
  }
  return value as Record<string, unknown>;
}
