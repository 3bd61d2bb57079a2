import type { Post, PostPart } from '../../src/core/post.ts';
import type { Fail, Judged } from './judge.ts';
import {
  facebookLimit,
  readTelegram,
  readWhatsapp,
  telegramLimits,
  weighX,
  whatsappLimits,
  xLimit,
} from './reference.ts';

/** What a platform counts of a part, how much of it there may be, and what a reader sees. */
interface Count {
  length: number;
  limit: number;
  seen: string;
  problems: string[];
}

const counts: Record<string, (part: PostPart, post: Post) => Count> = {
  x({ text }) {
    const { length, valid } = weighX(text);
    return {
      length,
      limit: xLimit,
      seen: text,
      problems: valid || length > xLimit ? [] : ['X would refuse it as invalid'],
    };
  },
  telegram({ markup, media, text }) {
    const { text: seen, problem } = readTelegram(markup ?? '');
    const bytes = Buffer.byteLength(markup ?? '');
    const problems = [
      ...(problem === undefined ? [] : [problem]),
      ...(bytes > telegramLimits.bytes ? [`${bytes} bytes of HTML`] : []),
      ...(markup === undefined && text !== '' ? ['no HTML'] : []),
    ];
    return {
      length: seen.length,
      limit: media.length > 0 ? telegramLimits.caption : telegramLimits.text,
      seen,
      problems,
    };
  },
  whatsapp({ markup, text, media }, { template }) {
    const sent = markup ?? text;
    const limit = template ? whatsappLimits.template : media.length > 0 ? whatsappLimits.caption : whatsappLimits.text;
    return { length: sent.length, limit, seen: readWhatsapp(sent), problems: [] };
  },
  facebook: ({ text }) => ({ length: text.length, limit: facebookLimit, seen: text, problems: [] }),
};

/** Length, validity and shape of what is sent, by the references. */
export function checkLimits({ post, setting }: Judged, fail: Fail): void {
  const count = counts[post.platform];
  if (!count) throw new Error(`No reference counts for ${post.platform}.`);
  if (post.parts.length === 0) fail('not-empty', 'no part at all');
  for (const [index, part] of post.parts.entries()) {
    const where = post.parts.length > 1 ? `part ${index + 1}: ` : '';
    const { length, limit, seen, problems } = count(part, post);
    if (length > limit) fail('within-limit', `${where}${length} of ${limit}`);
    if (part.length !== length) fail('length-exact', `${where}said ${part.length}, is ${length}`);
    if (part.limit > limit) fail('length-exact', `${where}said limit ${part.limit}, is ${limit}`);
    for (const problem of problems) fail('markup', `${where}${problem}`);
    if (seen !== part.text)
      fail('markup', `${where}said to read "${differing(part.text, seen)}", reads "${differing(seen, part.text)}"`);
    if (!/[\p{L}\p{N}\p{S}]/u.test(part.text)) fail('not-empty', `${where}"${part.text}"`);
    if (!part.text.isWellFormed()) fail('graphemes', `${where}half a surrogate pair`);
  }
  if (!setting.inParts && post.parts.length > 1)
    fail('within-limit', `${post.parts.length} parts where one was asked for`);
  const most = Number(setting.channel.settings.thread ?? setting.channel.settings.messages ?? 1);
  if (post.parts.length > most) fail('within-limit', `${post.parts.length} parts of ${most}`);
  if (post.template) checkParameters(post.template.parameters, fail);
}

/** Meta refuses these in a template's parameter. */
function checkParameters(parameters: readonly string[], fail: Fail): void {
  for (const parameter of parameters) {
    if (parameter.trim() === '') fail('parameters', 'an empty parameter');
    if (/[\n\r\t\v\f\u0085\u2028\u2029]/.test(parameter))
      fail('parameters', `a line break or tab: ${JSON.stringify(parameter)}`);
    if (/ {5}/.test(parameter)) fail('parameters', `more than four spaces in a row: "${parameter}"`);
  }
}

/** A text from shortly before the place where it differs from another. */
function differing(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  return text.slice(Math.max(0, at - 15), at + 25);
}
