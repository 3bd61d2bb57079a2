import type { EditKind } from '../../src/core/post.ts';
import { connectorBefore, endsBeforeStop, endsClause, startsSentence } from './boundaries.ts';
import { compare, flatten, isGraphemeBoundary, isWordBoundary } from './folded.ts';
import type { Fail, Judged } from './judge.ts';
import { splitOutside } from './quotation.ts';
import { type Source, type Stretch, sourceOf, trace } from './tracing.ts';

/** What is said: every sentence of the summary is the source's, whole, in order, once, and every change is accounted for. */
export function checkWords(judged: Judged, fail: Fail): Set<EditKind> {
  const { article, reading, setting } = judged;
  const sources = sourcesOf(judged);
  const { stretches, foreign, misplaced, repeated } = trace(reading.summary, sources, setting);
  for (const text of foreign) fail('verbatim', `not in the article: "${text}"`);
  for (const text of misplaced) fail('order', `stands earlier in the article: "${text}"`);
  for (const text of repeated) fail('twice', `said before: "${text}"`);
  const owed = new Set<EditKind>();
  for (const stretch of stretches) checkStretch(stretch, owed, fail);
  const joined = merge(stretches);
  for (const [index, one] of joined.entries())
    checkEdges(one, { isFirst: index === 0, inParts: setting.inParts }, owed, fail);
  checkQuotes(joined, fail);
  checkTwice(joined, judged, fail);
  const own = article.summary !== undefined;
  if (!own) for (const line of reading.summary) checkPunctuation(line, judged, fail);
  return owed;
}

const known = new WeakMap<object, Source[]>();

function sourcesOf({ article }: Judged): Source[] {
  let sources = known.get(article);
  if (!sources) {
    sources = [sourceOf('body', article.paragraphs)];
    if (article.teaser !== undefined) sources.push(sourceOf('teaser', [article.teaser]));
    if (article.summary !== undefined) sources.push(sourceOf('summary', article.summary.split('\n')));
    known.set(article, sources);
  }
  return sources;
}

function checkStretch(
  { source, from, to, start, end, shown, stopped }: Stretch,
  owed: Set<EditKind>,
  fail: Fail,
): void {
  const { raw, flat } = source.folded;
  const isConnected = raw[from - 1] === 'و' && isWordBoundary(raw, from - 1);
  if (!isWordBoundary(raw, from) && !isConnected)
    fail('words', `begins inside a word: "${raw.slice(from - 10, from)}|${raw.slice(from, from + 20)}"`);
  if (!isWordBoundary(raw, to))
    fail('words', `ends inside a word: "${raw.slice(to - 20, to)}|${raw.slice(to, to + 10)}"`);
  if (!isGraphemeBoundary(raw, from) || !isGraphemeBoundary(raw, to))
    fail('graphemes', `"${raw.slice(from, to).slice(0, 60)}"`);
  const kept = stopped ? shown.replace(/\.[^.]*$/, '') : shown;
  const { kinds, torn } = compare(raw.slice(from, to), kept);
  if (torn !== undefined) fail('words', `words run together or torn apart: "${torn}"`);
  for (const kind of kinds) owed.add(kind);
  const isOneOfTwoStops = flat[end - 1] === '.' && flat[end] === '.' && flat[end + 1] !== '.' && flat[end - 2] !== '.';
  if (stopped || isOneOfTwoStops) owed.add('final-stop');
  if (end <= start) throw new Error('An empty stretch.');
}

/** Stretches that follow each other in the source without anything left out, as one. */
function merge(stretches: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = [];
  for (const stretch of stretches) {
    const before = joined.at(-1);
    if (before && before.source === stretch.source && before.end === stretch.start) {
      joined[joined.length - 1] = {
        ...before,
        to: stretch.to,
        end: stretch.end,
        shown: `${before.shown} ${stretch.shown}`,
        stopped: stretch.stopped,
      };
    } else joined.push(stretch);
  }
  return joined;
}

function checkEdges(
  { source, start, end, shown, stopped }: Stretch,
  { isFirst, inParts }: { isFirst: boolean; inParts: boolean },
  owed: Set<EditKind>,
  fail: Fail,
): void {
  const { flat } = source.folded;
  if (!startsSentence(flat, start)) {
    if (isFirst && connectorBefore(flat, start) !== undefined) owed.add('leading-connector');
    else if (!(inParts && endsClause(flat, start)))
      fail('whole-sentences', `begins in the middle: "${shown.slice(0, 60)}"`);
  }
  if (!endsClause(flat, end) && !(stopped && endsBeforeStop(flat, end)))
    fail('whole-sentences', `ends in the middle: "${shown.slice(-60)}"`);
}

function checkQuotes(joined: readonly Stretch[], fail: Fail): void {
  for (const source of new Set(joined.map((one) => one.source))) {
    const own = joined.filter((one) => one.source === source);
    const { raw } = source.folded;
    for (const [open, close] of source.pairs) {
      const [opened, closed] = [open, close].map((at) => own.find(({ from, to }) => at >= from && at < to));
      if (opened === closed) continue;
      const text = raw.slice(Math.max(0, open - 15), open + 40);
      const how = opened && closed ? 'a quotation with a gap' : opened ? 'never closed' : 'never opened';
      fail('quotes', `${how}: "${text}…${raw.slice(Math.max(open, close - 20), close + 1)}"`);
    }
  }
}

function checkTwice(joined: readonly Stretch[], { article, setting }: Judged, fail: Fail): void {
  const sentences = joined
    .flatMap(({ shown }) => splitOutside(shown))
    .map(flatten)
    .filter((one) => one.length > 24);
  const seen = new Map<string, number>();
  for (const sentence of sentences) seen.set(sentence, (seen.get(sentence) ?? 0) + 1);
  for (const [sentence, times] of seen) {
    if (times < 2) continue;
    // A whole story tells again what the story tells again.
    if (setting.inParts && flatten(article.paragraphs.join(' ')).split(sentence).length > times) continue;
    fail('twice', `${times} times: "${sentence.slice(0, 80)}"`);
  }
}

function checkPunctuation(line: string, { article }: Judged, fail: Fail): void {
  const source = [...article.paragraphs, article.teaser ?? ''].join('\n');
  const spots = [/(?<!\.)\.\.(?!\.)/, /[،,]\s*\.(?!\d|\.)/, /\s،/];
  for (const [index, spot] of spots.entries()) {
    const found = spot.exec(line);
    if (!found || (index < 2 && source.includes(found[0]))) continue;
    fail('punctuation', `"${line.slice(Math.max(0, found.index - 25), found.index + 10)}"`);
  }
}
