import twitterText from 'twitter-text';

/** Length in UTF-16 units. Telegram counts code points or UTF-16 units, by source; this is the stricter reading. */
export function measureUtf16(
  text: string,
  limit: number,
): { length: number; limit: number; unit: 'utf16'; valid: boolean } {
  const length = text.length;
  return { length, limit, unit: 'utf16', valid: length <= limit && text.trim() !== '' && text.isWellFormed() };
}

/** X's limit for accounts without a subscription, in weighted characters (twitter-text config v3). */
export const xLimit = 280;

/** X's weighted length: most Latin and Arabic letters 1, others 2, links 23, emoji 2 (twitter-text 3, after NFC). */
export function measureX(text: string): { length: number; limit: number; unit: 'weighted'; valid: boolean } {
  const { weightedLength, valid } = twitterText.parseTweet(text);
  return {
    length: weightedLength,
    limit: xLimit,
    unit: 'weighted',
    valid: valid && weightedLength <= xLimit && text.trim() !== '' && text.isWellFormed(),
  };
}
