/** Stands for a value that the article lacks, until the line it stands on is tidied: a noncharacter, never shown. */
export const lack = '\uFDD0';

// Not before {%-, which takes away the line end before it.
const tagFirst = /^[ \t]*\{%(?!-)/gm;

/** Marks lines of a template that begin with a tag, so that they leave no line behind when nothing comes of them. */
export function markTagLines(source: string): string {
  return source.includes('{%') ? source.replace(tagFirst, (start) => lack + start) : source;
}

/** Formatting around nothing: an empty HTML element, or a pair of signs such as `**`. */
const emptyFormat = new RegExp(
  `<([a-z][a-z-]*)(?: [^<>]*)?>[ ${lack}]*${lack}[ ${lack}]*</\\1>|([*_~])${lack}\\2`,
  'gi',
);

/** Takes out lines that hold nothing but what the article lacks, and the marks on other lines. */
export function dropLacking(text: string): string {
  if (!text.includes(lack)) return text;
  let whole = text;
  for (let before = ''; before !== whole; ) {
    before = whole;
    whole = whole.replace(emptyFormat, lack);
  }
  const lines = whole.split('\n').filter((line) => !line.includes(lack) || line.replaceAll(lack, '').trim() !== '');
  return lines.join('\n').replaceAll(lack, '');
}

/** No line of lacking values, no spaces at ends of lines, no two empty lines in a row, nothing empty at either end. */
export function tidy(text: string): string {
  const lines: string[] = [];
  let empty = true;
  for (const line of dropLacking(text).split('\n')) {
    const trimmed = line.trimEnd();
    if (trimmed === '' && empty) continue;
    empty = trimmed === '';
    lines.push(trimmed);
  }
  return lines.join('\n').trim();
}
