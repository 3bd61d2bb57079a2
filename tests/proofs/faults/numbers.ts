/** The number of a sentence: a seven, the article in five digits, the sentence in two. */
export function numberOf(article: number, sentence: number): string {
  return `7${String(article).padStart(5, '0')}${String(sentence).padStart(2, '0')}`;
}

/** The sentences that a text holds, by article. */
export function numbersIn(text: string): { article: number; sentence: number }[] {
  return [...text.matchAll(/(?<!\d)7(\d{5})(\d\d)(?!\d)/g)].map(([, article, sentence]) => ({
    article: Number(article),
    sentence: Number(sentence),
  }));
}
