import type { Direction } from '../core/article.ts';
import { firstStrong } from '../text/levels.ts';

/** The direction of a line by its first strong character outside isolates (UAX 9, P2); without one, left-to-right. */
export function lineDirection(line: string): Direction {
  return firstStrong(line) ?? 'ltr';
}

/** True where readers of a platform see each line by its own direction; elsewhere the first line decides for all. */
export function isDirectedByLine(platform: string): boolean {
  return platform !== 'x' && platform !== 'whatsapp';
}

/** A post's lines as its platform directs them. */
export function directLines(text: string, platform: string): { line: string; direction: Direction }[] {
  const whole = lineDirection(text);
  return text
    .split('\n')
    .map((line) => ({ line, direction: isDirectedByLine(platform) ? lineDirection(line) : whole }));
}
