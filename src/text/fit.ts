import type { Article } from '../core/article.ts';
import type { Form } from '../core/channel.ts';
import { RejectedError } from '../core/errors.ts';
import type { Edit } from '../core/post.ts';
import { finish } from './finish.ts';
import { hashtags } from './hashtags.ts';
import { shortenHeadline } from './headline.ts';
import type { Assignment, Medium, Rendered } from './medium.ts';
import { createSheet, type Draft, type Sheet, type SummarySource } from './sheet.ts';
import { sourceSlips } from './slips.ts';
import { type Summary, summarise } from './summary.ts';

/** A post that fits. */
export interface Fitted extends Rendered {
  form: Form;
  limit: number;
  summary: string[];
  edits: Edit[];
  warnings: string[];
}

/** How good a draft is: the headline cut; whole; whole and with a summary. */
type Grade = 0 | 1 | 2;

interface Attempt {
  draft: Draft;
  form: Form;
  grade: Grade;
}

/**
 * The post for one channel, within the limit of its form. Down the channel's ladder, the first form is taken in which the
 * headline stands whole beside a summary, else the first in which it stands whole, else the first. Only the summary
 * shrinks; hashtags go before the summary does; the headline is shortened only where it is too long beside the link alone.
 * Throws `RejectedError` (`text-too-long`) where the editor's own summary or text does not fit.
 */
export function fitPost(assignment: Assignment, medium: Medium): Fitted {
  const { article, channel } = assignment;
  const own = article.texts?.[channel.id];
  if (own !== undefined) return fitOwnText(assignment, medium, own);
  const given = article.summary?.trim() ? article.summary : undefined;
  if (given !== undefined) return fitSummary(assignment, medium, given);
  return fitFrom(assignment, medium, (most) => summaryFor(article, medium, most));
}

/** The summary of at most `most` units as the medium takes it. */
export function summaryFor(article: Article, medium: Medium, most: number): Summary {
  const { measure, paragraphBreak, background, exclude } = medium;
  return summarise(article, { budget: most, measure, paragraphBreak, background, ...(exclude ? { exclude } : {}) });
}

/** As `fitPost`, with the summary from `source`. */
export function fitFrom(assignment: Assignment, medium: Medium, source: SummarySource): Fitted & { done: number } {
  const sheet = createSheet(assignment, medium, source);
  const best = descend(assignment, medium, sheet);
  return { ...fitted(best, medium, sheet, assignment), done: best.draft.done };
}

function fitSummary(assignment: Assignment, medium: Medium, given: string): Fitted {
  const paragraphs = given.split('\n').filter((paragraph) => paragraph.trim() !== '');
  const sheet = createSheet(assignment, medium, () => ({ paragraphs, edits: [] }), { asItIs: true });
  const best = descend(assignment, medium, sheet, { editor: true });
  const forms = formsOf(assignment, medium).filter((form) => form !== 'headline');
  // A channel of headlines alone has no use for a summary.
  if (best.draft.summary.length > 0 || forms.length === 0) return fitted(best, medium, sheet, assignment);
  const length = medium.measure(paragraphs.join(medium.paragraphBreak));
  const rooms = forms.map(
    (form) => medium.forms[form].limit - write(sheet, medium, form, assignment.article.title, [], 0).length - 2,
  );
  throw new RejectedError(
    `The editor's summary has ${length} characters by ${medium.name}'s count; beside headline and link, channel ` +
      `${assignment.channel.id} has room for ${Math.max(0, ...rooms)}. Shorten it, or give this channel a text of its own.`,
    { code: 'text-too-long' },
  );
}

/** The editor's text for this channel, as it is. */
function fitOwnText({ article, channel, link }: Assignment, medium: Medium, own: string): Fitted {
  const { text, edits } = finish(own.trim(), {
    direction: article.direction,
    digits: 'source',
    marks: medium.marks,
    joiners: medium.joiners,
    asItIs: true,
  });
  const rendered: Rendered = medium.render?.({
    headline: article.title,
    link: link !== undefined && !own.includes(link) ? link : '',
    hashtags: [],
    summary: () => text,
  }) ?? {
    text,
    ...(medium.escape ? { markup: medium.escape(text) } : {}),
    length: medium.measure(text),
  };
  const wanted = formsOf({ article, channel, link }, medium).filter((one) => one !== 'headline');
  const forms: Form[] = wanted.length > 0 ? wanted : ['text'];
  const form = forms.find((one) => rendered.length <= medium.forms[one].limit);
  if (form !== undefined) {
    return { ...rendered, form, limit: medium.forms[form].limit, summary: [text], edits, warnings: [] };
  }
  const limit = Math.max(...forms.map((one) => medium.forms[one].limit));
  throw new RejectedError(
    `The editor's text for channel ${channel.id} has ${rendered.length} characters by ${medium.name}'s count, and may have ${limit}. Shorten it.`,
    { code: 'text-too-long' },
  );
}

/** The forms that this article can take, best first. */
function formsOf({ article, channel }: Assignment, medium: Medium): Form[] {
  const ladder = channel.style?.ladder ?? medium.ladder;
  const forms = ladder.filter((form) => form !== 'photo' || article.images.length > 0);
  return forms.length > 0 ? forms : ['text'];
}

function descend(assignment: Assignment, medium: Medium, sheet: Sheet, { editor = false } = {}): Attempt {
  const { article, channel } = assignment;
  const tags = hashtags(article, channel.style?.hashtags ?? medium.hashtags);
  const hasBody = article.paragraphs.length > 0 || editor || article.teaser !== undefined;
  let best: Attempt | undefined;
  for (const form of formsOf(assignment, medium)) {
    const attempt = tryForm(sheet, medium, form, { title: article.title, tags, editor });
    if (!best || attempt.grade > best.grade) best = attempt;
    if (best.grade === 2 || (best.grade === 1 && !hasBody)) break;
  }
  const found = best as Attempt;
  const { limit } = medium.forms[found.form];
  if (found.draft.length > limit && sheet.giveUpLayout(`it has no room for the headline within ${limit}.`)) {
    return descend(assignment, medium, sheet, { editor });
  }
  return found;
}

function tryForm(
  sheet: Sheet,
  medium: Medium,
  form: Form,
  { title, tags, editor }: { title: string; tags: string[]; editor: boolean },
): Attempt {
  const { limit, summary: usual } = medium.forms[form];
  const withTags = (count: number) => write(sheet, medium, form, title, tags.slice(0, count), 0);
  const tagged = withTags(tags.length);
  // Mostly there is room for all: then nothing has to yield to anything.
  if (!editor && usual > 0 && tagged.length + separator + usual <= limit) {
    const full = fill(sheet, medium, form, { title, tags, skeleton: tagged.length, editor });
    return { draft: full ?? tagged, form, grade: full ? 2 : 1 };
  }
  const bare = withTags(0);
  if (bare.length > limit) {
    const { text, edits } = shortenHeadline(
      title,
      (headline) => write(sheet, medium, form, headline, [], 0).length <= limit,
    );
    const draft = write(sheet, medium, form, text, [], 0);
    return { draft: { ...draft, edits: [...edits, ...draft.edits] }, form, grade: 0 };
  }
  const counts = tags.map((_, index) => tags.length - index);
  const told =
    form === 'headline' ? undefined : fill(sheet, medium, form, { title, tags: [], skeleton: bare.length, editor });
  if (!told) {
    const plain = counts.map(withTags).find(({ length }) => length <= limit);
    return { draft: plain ?? bare, form, grade: 1 };
  }
  for (const count of counts) {
    const skeleton = withTags(count).length;
    const full = fill(sheet, medium, form, { title, tags: tags.slice(0, count), skeleton, editor });
    if (full && beginsAlike(full, told)) return { draft: full, form, grade: 2 };
  }
  return { draft: told, form, grade: 2 };
}

const openingLength = 12;

/** Hashtags may shorten a summary, but not cost it its first sentence. */
function beginsAlike({ summary: [one = ''] }: Draft, { summary: [other = ''] }: Draft): boolean {
  return one.slice(0, openingLength) === other.slice(0, openingLength);
}

/** What a summary costs beyond its own length: the empty line before it. */
const separator = 2;
const maxRounds = 8;

/** The draft with the longest summary that fits; marks and joiners may make it longer than asked, so the cap is found in rounds. */
function fill(
  sheet: Sheet,
  medium: Medium,
  form: Form,
  { title, tags, skeleton, editor }: { title: string; tags: string[]; skeleton: number; editor: boolean },
): Draft | undefined {
  const { limit } = medium.forms[form];
  let cap = limit - skeleton - separator;
  for (let round = 0; round < maxRounds && cap > 0; round += 1) {
    const draft = write(sheet, medium, form, title, tags, cap);
    if (draft.summary.length === 0) return undefined;
    if (draft.length <= limit) return draft;
    // The editor's summary does not shrink.
    if (editor) return undefined;
    cap = Math.min(cap, medium.forms[form].summary) - (draft.length - limit);
  }
  return undefined;
}

function write(sheet: Sheet, medium: Medium, form: Form, headline: string, tags: readonly string[], cap: number) {
  return sheet.write({ headline, hashtags: tags, cap, usual: medium.forms[form].summary });
}

function fitted({ draft, form }: Attempt, medium: Medium, sheet: Sheet, { article }: Assignment): Fitted {
  const slips = sourceSlips(article).map(({ paragraph, slip }) =>
    paragraph === 0 ? `Headline: ${slip}` : `Paragraph ${paragraph}: ${slip}`,
  );
  const { done: _, ...rest } = draft;
  return { ...rest, form, limit: medium.forms[form].limit, warnings: [...sheet.warnings, ...slips] };
}
