import type { Article } from '../core/article.ts';
import type { Layout } from '../core/channel.ts';
import type { Platform } from '../core/platform.ts';
import { compileTemplate, TemplateError, type TemplateValues, templateErrors } from '../text/template.ts';

/** Something wrong with a template, and the line it is on. */
export interface TemplateProblem {
  line: number;
  expected: string;
  got: string;
  remedy: string;
}

type Sample = Omit<TemplateValues, 'channel' | 'summary' | 'breaking'> & { text: string };

const rich: Sample[] = [
  {
    headline: 'وزارة الزراعة تفتح باب التسجيل لدعم مزارعي القمح & الشعير',
    link: 'https://news.example/ar/wheat?page=1&from=desk',
    hashtags: ['#زراعة', '#القمح'],
    text: 'أعلنت وزارة الزراعة فتح باب التسجيل أمام مزارعي القمح حتى نهاية الشهر.\n\nوقال مدير المشروع “إن الدعم يشمل البذار والوقود”.',
    body: [
      'أعلنت وزارة الزراعة فتح باب التسجيل أمام مزارعي القمح حتى نهاية الشهر.',
      'وقال مدير المشروع “إن الدعم يشمل البذار والوقود”.',
    ],
    tags: ['زراعة', 'القمح'],
    section: 'اقتصاد',
    byline: 'خاص – Agri24',
    agency: 'Agri24',
    language: 'ar',
    direction: 'rtl',
    priority: 'breaking',
    publishedAt: '2026-03-05T09:30:00+03:00',
  },
  {
    headline: 'Farmers get until the end of the month to register for seed & fuel',
    link: 'https://news.example/en/wheat?page=1&from=desk',
    hashtags: ['#farming', '#wheat'],
    text: 'Wheat farmers can register for aid until the end of the month, the ministry said.\n\n"The aid covers seed and fuel," the project\'s head said.',
    body: [
      'Wheat farmers can register for aid until the end of the month, the ministry said.',
      '"The aid covers seed and fuel," the project\'s head said.',
    ],
    tags: ['farming', 'wheat'],
    section: 'economy',
    byline: 'By Agri24',
    agency: 'Agri24',
    language: 'en',
    direction: 'ltr',
    priority: 'normal',
    publishedAt: '2026-03-05T06:30:00Z',
  },
];

/** The same stories as they come at worst: a headline, and nothing else. */
const bare = rich.map((sample): Sample => {
  const { headline, language, direction } = sample;
  const priority: Article['priority'] = sample.priority === 'breaking' ? 'low' : 'breaking';
  const texts = { link: '', text: '', section: '', byline: '', agency: '', publishedAt: '' };
  return { headline, language, direction, priority, ...texts, hashtags: [], body: [], tags: [] };
});

const samples = [...rich, ...bare];

/** What is wrong with a template, tried on an Arabic and an English article, each with everything and with the headline alone. */
export function tryTemplate(layout: Layout, platform: Platform): TemplateProblem[] {
  const errors = templateErrors(layout);
  if (errors.length > 0) return errors;
  for (const sample of samples) {
    const problem = trySample(layout, platform, sample);
    if (problem) return [problem];
  }
  return [];
}

/** True where posts of a template show the headline. */
export function printsHeadline(layout: Layout): boolean {
  return compileTemplate(layout).variables.includes('headline');
}

function trySample(layout: Layout, platform: Platform, sample: Sample): TemplateProblem | undefined {
  try {
    return markupProblem(layout, platform, sample) ?? roomProblem(layout, platform, sample);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
}

function markupProblem(layout: Layout, platform: Platform, sample: Sample): TemplateProblem | undefined {
  const { text, problem, tag } = show(layout, platform, sample, sample.text);
  if (problem !== undefined) {
    const remedy = 'Correct it: docs/templates.md lists the tags that are known.';
    return {
      line: lineOfTag(layout.source, tag),
      expected: `markup that ${platform.name} takes`,
      got: problem,
      remedy,
    };
  }
  if (text !== '') return undefined;
  const remedy = 'Print {{ headline }} whatever the article lacks.';
  return {
    line: 1,
    expected: 'some text for every article',
    got: 'none for an article that is only a headline',
    remedy,
  };
}

/** A template must leave room for a summary. */
function roomProblem(layout: Layout, platform: Platform, sample: Sample): TemplateProblem | undefined {
  const { text } = show(layout, platform, { ...sample, hashtags: [] }, '');
  const { length, limit } = platform.measure(text);
  if (length <= limit) return undefined;
  const got = `${length} of ${limit} without any summary`;
  return { line: 1, expected: `room for the text within ${platform.name}'s limit`, got, remedy: 'Shorten it.' };
}

function show(
  layout: Layout,
  { markup }: Platform,
  { text: summary, ...sample }: Sample,
  shown: string,
): { text: string; problem?: string; tag?: string } {
  const values: TemplateValues = {
    ...sample,
    breaking: sample.priority === 'breaking',
    channel: 'sample',
    summary: (budget) => (budget === 0 || summary === '' ? '' : shown),
  };
  const written = compileTemplate(layout).render(values, markup?.escape);
  return markup?.visible(written) ?? { text: written };
}

function lineOfTag(source: string, tag: string | undefined): number {
  const at = tag ? source.search(new RegExp(`</?${tag}\\b`, 'i')) : -1;
  return at === -1 ? 1 : source.slice(0, at).split('\n').length;
}
