import { readFileSync } from 'node:fs';
import { normaliseText } from '../src/text/normalise.ts';

/** An article with people's summaries of it. */
export interface SummaryCase {
  id: string;
  title: string;
  paragraphs: string[];
  language: string;
  references: string[];
}

/**
 * Reads a file of one JSON object a line: `id`, `lang`, `title`, `text` (paragraphs separated by line feeds) and `refs`,
 * the human summaries. Throws where a line is no such object.
 */
export function readCases(file: string): SummaryCase[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const { id, lang, title, text, refs } = JSON.parse(line) as Record<string, string> & { refs: string[] };
      if (text === undefined || !Array.isArray(refs)) throw new Error(`${file}: a line without text and refs.`);
      return {
        id: String(id),
        title: normaliseText(title ?? ''),
        paragraphs: text
          .split('\n')
          .map(normaliseText)
          .filter((paragraph) => paragraph !== ''),
        language: lang ?? 'ar',
        references: refs,
      };
    });
}
