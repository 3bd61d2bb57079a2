import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Article } from '../../src/core/article.ts';
import { InputError } from '../../src/core/errors.ts';
import { toArticle } from '../../src/pipeline/ingest.ts';
import { readArticle } from '../../src/sources/index.ts';
import type { RawStory, Story } from './articles.ts';
import { UsageError } from './proof.ts';

/** An article ready to be composed. */
export interface Entry {
  name: string;
  article: Article;
}

const root = join(import.meta.dirname, '..', '..');

/** The article that a story becomes on its way in. Throws `InputError` as the API does. */
export function toEntry({ name, json }: Story): Entry {
  const draft = readArticle({ bytes: Buffer.from(JSON.stringify(json)), kind: 'json', name });
  return { name, article: toArticle(draft) };
}

/** The project's own samples. */
export function readSamples(): Entry[] {
  return [join('tests', 'fixtures', 'articles'), 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /\.(?:txt|json)$/.test(name))
      .sort()
      .map((name) => {
        const draft = readArticle({ bytes: readFileSync(join(root, folder, name)), name });
        return { name: `${folder}/${name}`, article: toArticle(draft) };
      }),
  );
}

/** Keys of the API's article that a file's line may have; all others are somebody's notes. */
const keys =
  'url title body paragraphs byline agency language images image tags section publishedAt priority teaser'.split(' ');

/** Articles from a file of JSON lines. Throws `UsageError` naming every line that is no article. */
export function readLines(file: string): Entry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
  const entries: Entry[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const name = `${file}:${index + 1}`;
    try {
      entries.push(toEntry({ name, json: fromLine(line, name) }));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UsageError(`these lines are no articles:\n${problems.join('\n')}`);
  if (entries.length === 0) throw new UsageError(`${file} holds no article. Give one as JSON a line.`);
  return entries;
}

function fromLine(line: string, name: string): RawStory {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new InputError(`${name}: not valid JSON (${(error as Error).message}).`, { code: 'bad-json', status: 400 });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`${name}: expected an object with "title" and "body", "paragraphs" or "text".`, {
      code: 'invalid',
      status: 422,
    });
  }
  const given = value as Record<string, unknown>;
  const known = Object.fromEntries(
    keys.filter((key) => given[key] !== undefined && given[key] !== null).map((key) => [key, given[key]]),
  );
  const hasBody = known.body !== undefined || known.paragraphs !== undefined;
  return { ...known, ...(hasBody || given.text === undefined ? {} : { body: given.text }) } as unknown as RawStory;
}
