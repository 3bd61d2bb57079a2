/** Where a platform folds a long text, and hides the rest behind "Read more". */
interface Fold {
  /** Lines that stay, of about so many characters each; or characters that stay. */
  lines?: number;
  columns?: number;
  characters?: number;
}

/** As seen in the apps; neither platform documents it, and screens differ. */
const folds: Record<string, Fold> = {
  whatsapp: { lines: 5, columns: 44 },
  facebook: { characters: 480 },
};

/** A place in a text: its line, and the offset in it. */
export interface FoldPlace {
  line: number;
  offset: number;
}

/** Where a text is folded, between words; undefined where all of it shows, or nearly all. */
export function foldPlace(platform: string, lines: readonly string[]): FoldPlace | undefined {
  const fold = folds[platform];
  if (!fold) return undefined;
  const { lines: most, columns = 1, characters = 0 } = fold;
  let left = most === undefined ? characters : most * columns;
  for (const [line, text] of lines.entries()) {
    const used = most === undefined ? text.length + 1 : Math.max(1, Math.ceil(text.length / columns)) * columns;
    if (used <= left) {
      left -= used;
      continue;
    }
    const offset = left <= 0 ? 0 : text.lastIndexOf(' ', left - 1) + 1;
    return rest(lines, line, offset) > 25 ? { line, offset } : undefined;
  }
  return undefined;
}

function rest(lines: readonly string[], line: number, offset: number): number {
  return lines.slice(line).join(' ').length - offset;
}
