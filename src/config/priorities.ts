import { z } from 'zod';
import { keyword } from '../core/filters.ts';

const nameText = 'a name with a letter, a digit or a sign';

const name = z.string(nameText).regex(/[^\s\p{C}#_]/u, nameText);

const names = z.array(name, 'a list of names').min(1, 'at least one entry');
const keywords = z.array(keyword, 'a list of keywords').min(1, 'at least one entry');

const rule = (then: string) =>
  z.strictObject({
    tags: names.default([]).describe(`An article with one of these tags ${then}.`),
    sections: names.default([]).describe(`An article of one of these sections ${then}.`),
    keywords: keywords
      .default([])
      .describe(`An article with one of these in its headline or a tag, as whole words, ${then}.`),
  });

/** The settings `breaking` and `low`: the priority of articles that come without one. */
export const priorities = {
  breaking: rule('is breaking news').prefault({}).describe('What goes ahead of everything queued.'),
  low: rule('yields to all others')
    .prefault({})
    .describe('What yields to everything queued; `breaking` goes before it.'),
};
