import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArticle } from '../../../src/sources/article.ts';

const folder = join(import.meta.dirname, '../../fixtures/articles');
const samples = readdirSync(folder).filter((name) => name.endsWith('.txt'));

describe('a scraped article', () => {
  it.each(samples)('is read as its editor would: %s', (name) => {
    const expected = JSON.parse(readFileSync(join(folder, name.replace('.txt', '.json')), 'utf8'));
    const { direction, images, ...article } = readArticle({ bytes: readFileSync(join(folder, name)), name });
    expect(article).toEqual({ tags: [], ...expected });
    expect({ direction, images }).toEqual({
      direction: expected.language === 'ar' ? 'rtl' : 'ltr',
      images: [],
    });
  });
});
