import type { Fail, Judged } from './judge.ts';
import { screenOrder, startsRightToLeft, xLinks } from './reference.ts';

const invisible = /[\u061C\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069]/;
/** Addresses, without a sign at their end; names, handles and hashtags; ranges and other compound numbers. */
const latin = /https?:\/\/[!-~]*[A-Za-z0-9]|[#@$]?[A-Za-z0-9]+(?:[._'’&+/:,–-]+[A-Za-z0-9]+)*/g;
const number = /^[#@$]?(\d+(?:[._/:,–-]\d+)+)$/;

/** How the post reads on the screen, by the Unicode bidirectional algorithm, each line by its own first letter. */
export function checkDirection({ article, post }: Judged, fail: Fail): void {
  for (const { text } of post.parts) {
    for (const line of text.split('\n')) {
      if (article.direction === 'rtl' && startsRightToLeft(line) === false && !isAddress(line)) {
        fail('line-direction', `begins left to right: "${line.slice(0, 60)}"`);
      }
      for (const run of scrambled(line)) fail('latin-order', `"${run}" in "${around(line, run)}"`);
    }
  }
}

function isAddress(line: string): boolean {
  const text = line.trim();
  return /^https?:\/\/\S+$/.test(text) || xLinks(text)[0] === text;
}

/** The Latin runs of a line whose letters do not stand from left to right. */
function scrambled(line: string): string[] {
  if (!/[A-Za-z0-9]/.test(line) || !/[\u0590-\u08FF\u200F\u061C]/.test(line)) return [];
  const units = Array.from({ length: line.length }, (_, index) => index).filter(
    (index) => !invisible.test(line[index] as string),
  );
  const bare = units.map((index) => line[index]).join('');
  const shown = screenOrder(line);
  const wrong: string[] = [];
  for (const { 0: found, index } of bare.matchAll(latin)) {
    const [, range] = number.exec(found) ?? [];
    if (range === undefined && !/[A-Za-z]/.test(found)) continue;
    const start = range === undefined ? index : index + found.length - range.length;
    const places = units.slice(start, index + found.length).map((unit) => shown[unit] as number);
    if (places.some((place, at) => at > 0 && place <= (places[at - 1] as number))) wrong.push(found);
  }
  return wrong;
}

function around(line: string, run: string): string {
  const bare = line.replace(new RegExp(invisible, 'g'), '');
  const at = bare.indexOf(run);
  return bare.slice(Math.max(0, at - 20), at + run.length + 15);
}
