import twitterText from 'twitter-text';
import { describe, expect, it } from 'vitest';
import type { Article } from '../../../src/core/article.ts';
import type { Style } from '../../../src/core/channel.ts';
import { RejectedError } from '../../../src/core/errors.ts';
import type { Platform } from '../../../src/core/platform.ts';
import { platforms } from '../../../src/platforms/index.ts';

const picture = { url: 'https://news.example.com/bridge.jpg', alt: 'الجسر' };

const base: Article = {
  id: 'article',
  version: 1,
  url: 'https://news.example.com/bridge',
  title: 'افتتاح جسر جديد فوق النهر بعد عامين من العمل',
  paragraphs: [
    'افتتح وزير النقل، صباح الأحد، جسراً جديداً فوق النهر يصل بين ضفتي المدينة ويختصر الطريق إلى الميناء بنحو 12 كيلومتراً.',
    'وقال الوزير إن كلفة المشروع بلغت 40 مليون دولار، مشيراً إلى أن العبور سيكون مجانياً خلال الأشهر الستة الأولى.',
    'ويستوعب الجسر نحو 30 ألف مركبة يومياً في الاتجاهين، وفق بيانات الوزارة.',
  ],
  language: 'ar',
  direction: 'rtl',
  images: [],
  tags: ['النقل البري', 'جسور'],
  section: 'محليات',
  priority: 'normal',
};

interface Wish {
  article?: Partial<Article>;
  settings?: Record<string, unknown>;
  style?: Style;
}

function compose(id: string, { article = {}, settings = {}, style = {} }: Wish = {}) {
  const platform = platforms[id] as Platform;
  return platform.compose(
    { ...base, ...article },
    {
      id: `${id}-ar`,
      platform: id,
      account: id,
      filters: {},
      unconfirmed: 'hold',
      style,
      settings: { ...platform.example.channel, ...settings },
    },
  );
}

const textOf = (id: string, wish: Wish = {}) => compose(id, wish).parts[0]?.text ?? '';

describe('what shrinks', () => {
  it('is the summary: headline and link stay, and the headline is whole while it can be', () => {
    for (const id of Object.keys(platforms)) {
      const text = textOf(id);
      expect(text.startsWith(base.title), id).toBe(true);
      expect(text, id).toContain(base.url);
    }
    const title = `${'كلمات طويلة جدا '.repeat(15).trim()} والنهاية`;
    const text = textOf('x', { article: { title } });
    expect(text.startsWith(title)).toBe(true);
    expect(text).toContain(base.url);
    expect(text).not.toContain('افتتح');
  });

  it('goes before the hashtags do only where one of them must', () => {
    const long = 'ه'.repeat(45);
    const tags = [`${long}1`, `${long}2`, `${long}3`];
    const text = textOf('x', { article: { tags }, style: { hashtags: 3 } });
    expect(text).toContain('افتتح');
    expect(twitterText.extractHashtags(text).length).toBeLessThan(3);
    expect(twitterText.parseTweet(text).weightedLength).toBeLessThanOrEqual(280);
  });

  it('never leaves room unused by a picture: a caption is shorter than a message', () => {
    const article = { paragraphs: Array.from({ length: 40 }, (_, n) => `${base.paragraphs[0]} (${n})`) };
    const caption = compose('telegram', { article: { ...article, images: [picture] } }).parts[0];
    expect(caption?.limit).toBe(1024);
    expect(caption?.media).toEqual([picture]);
    expect(compose('telegram', { article }).parts[0]?.limit).toBe(4096);
  });
});

describe('the ladder', () => {
  const images = [picture];

  it('is gone down until the headline stands whole beside a sentence', () => {
    const paragraph = `أعلنت الوزارة ${'خطة عمل واسعة تشمل المدن والقرى '.repeat(33).trim()}.`;
    expect(paragraph.length).toBeGreaterThan(1024);
    const [part] = compose('telegram', {
      article: { images, paragraphs: [paragraph] },
      style: { ladder: ['photo', 'text'] },
    }).parts;
    expect(part?.media).toEqual([]);
    expect(part?.limit).toBe(4096);
    expect(part?.text).toContain(paragraph);
  });

  it('keeps the picture where another form says no more', () => {
    const [part] = compose('telegram', { article: { images, paragraphs: [] } }).parts;
    expect(part?.media).toEqual([picture]);
  });

  it('can ask for headline and link alone', () => {
    const text = textOf('facebook', { article: { images }, style: { ladder: ['headline'], hashtags: 0 } });
    expect(text).toBe(`${base.title}\n\n${base.url}`);
    expect(compose('facebook', { article: { images }, style: { ladder: ['headline'] } }).parts[0]?.media).toEqual([]);
  });
});

describe('hashtags', () => {
  it('come from tags and section, as many as the channel wants', () => {
    expect(textOf('telegram', { style: { hashtags: 3 } })).toContain('#النقل_البري #جسور #محليات');
    expect(textOf('telegram', { style: { hashtags: 1 } })).toMatch(/#النقل_البري\n/);
    expect(textOf('telegram', { style: { hashtags: 0 } })).not.toContain('#');
    expect(textOf('telegram', { article: { tags: [], section: '' } })).not.toContain('#');
  });
});

describe('digits', () => {
  it('are as the channel wants, and each change is told', () => {
    const post = compose('telegram', { style: { digits: 'arabic' } });
    expect(post.parts[0]?.text).toContain('١٢ كيلومتراً');
    expect(post.parts[0]?.text).toContain(base.url);
    expect(post.edits.map(({ kind }) => kind)).toContain('digits');
    expect(compose('telegram').edits.map(({ kind }) => kind)).not.toContain('digits');
  });
});

describe('the link', () => {
  it('is shown with a preview on Telegram, unless the channel wants none', () => {
    expect(compose('telegram').parts[0]?.link).toBe(base.url);
    const [part] = compose('telegram', { settings: { linkPreview: false } }).parts;
    expect([part?.link, part?.text.includes(base.url as string)]).toEqual([undefined, true]);
  });

  it('carries the parameters of the channel', () => {
    const text = textOf('telegram', { style: { utm: { utm_source: 'telegram', utm_medium: 'social' } } });
    expect(text).toContain(`${base.url}?utm_source=telegram&utm_medium=social`);
  });

  it('in Arabic letters is encoded, and counts as one link on X', () => {
    const url = 'https://news.example.com/أخبار/جسر-جديد';
    const [part] = compose('x', { article: { url } }).parts;
    expect(twitterText.extractUrls(part?.text ?? '')).toEqual([encodeURI(url)]);
  });

  it('is kept out of the sentences too, where the channel wants none', () => {
    const paragraphs = ['نشر موقع sy24.com تقريراً عن الجسر.', ...base.paragraphs];
    const post = compose('x', { article: { paragraphs }, settings: { links: 'never' } });
    expect(twitterText.extractUrls(post.parts[0]?.text ?? '')).toEqual([]);
  });
});

describe('the editor’s word', () => {
  const summary = 'جسر جديد يختصر الطريق إلى الميناء ،12 كيلومترا?';

  it('is used as it is', () => {
    for (const id of Object.keys(platforms)) {
      const text = textOf(id, { article: { summary }, style: { digits: 'arabic' } });
      expect(text, id).toContain(summary);
      expect(text, id).not.toContain('افتتح');
    }
  });

  it('for one channel is the whole post', () => {
    const texts = { 'x-ar': 'عاجل: افتتاح الجسر', 'whatsapp-ar': 'تم افتتاح الجسر' };
    expect(textOf('x', { article: { texts } })).toBe('عاجل: افتتاح الجسر');
    expect(textOf('telegram', { article: { texts } })).toContain(base.title);
    expect(textOf('whatsapp', { article: { texts } })).toContain('تم افتتاح الجسر');
  });

  it('is refused with its count where it does not fit', () => {
    const long = 'كلمة '.repeat(60).trim();
    const refused = (article: Partial<Article>) => {
      try {
        compose('x', { article });
      } catch (error) {
        expect(error).toBeInstanceOf(RejectedError);
        return (error as Error).message;
      }
      return '';
    };
    expect(refused({ summary: long })).toMatch(/summary has 299 characters.*x-ar has room for 20\d/);
    expect(refused({ texts: { 'x-ar': long } })).toMatch(/text for channel x-ar has 299 characters.*280/);
    expect(refused({ summary: 'كلمة' })).toBe('');
  });
});

describe('several parts', () => {
  const paragraphs = Array.from(
    { length: 8 },
    (_, n) => `${base.paragraphs[n % 3]?.replace(/\.$/, '')} للمرة ${n + 1}.`,
  );

  it('of a thread on X are numbered, within the limit, and tell the story in order', () => {
    const { parts } = compose('x', { article: { paragraphs }, settings: { thread: 10 } });
    expect(parts.length).toBeGreaterThan(2);
    for (const [index, { text }] of parts.entries()) {
      expect(text.endsWith(`\n\n${index + 1}/${parts.length}`)).toBe(true);
      expect(twitterText.parseTweet(text).weightedLength).toBeLessThanOrEqual(280);
    }
    const told = parts.map(({ text }) => text).join('\n');
    const places = paragraphs.map((paragraph) => told.indexOf(paragraph));
    expect(places.every((place, at) => place >= 0 && (at === 0 || place > (places[at - 1] ?? 0)))).toBe(true);
    expect(parts.map(({ media }) => media.length).reduce((a, b) => a + b)).toBe(0);
  });

  it('never exceed what the channel allows', () => {
    for (const thread of [2, 3, 4]) {
      expect(compose('x', { article: { paragraphs }, settings: { thread } }).parts.length).toBeLessThanOrEqual(thread);
    }
    expect(compose('x', { settings: { thread: 1 } }).parts).toHaveLength(1);
  });

  it('of a long article on Telegram are whole messages', () => {
    const body = Array.from({ length: 60 }, (_, n) => `${base.paragraphs[1]} الفقرة رقم ${n + 1} من المقال.`);
    const { parts } = compose('telegram', {
      article: { paragraphs: body, images: [picture] },
      settings: { messages: 4 },
    });
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map(({ media }) => media.length)).toEqual([1, ...parts.slice(1).map(() => 0)]);
    for (const { text, limit } of parts) expect(text.length).toBeLessThanOrEqual(limit);
    expect(parts[1]?.markup).toBeDefined();
  });
});

describe('an editor’s text on a channel', () => {
  it('of headlines alone is posted all the same, and a summary is left out', () => {
    const ladder: Style['ladder'] = ['headline'];
    const texts = { 'facebook-ar': 'تم افتتاح الجسر' };
    expect(textOf('facebook', { article: { texts }, style: { ladder } })).toBe('تم افتتاح الجسر');
    const text = textOf('facebook', { article: { summary: 'جسر جديد' }, style: { ladder, hashtags: 0 } });
    expect(text).toBe(`${base.title}\n\n${base.url}`);
  });

  it('on X costs as a link does only where it holds one', () => {
    const warnings = (text: string) => compose('x', { article: { texts: { 'x-ar': text } } }).warnings.join();
    expect(warnings('تم افتتاح الجسر')).not.toContain('carries a link');
    expect(warnings(`تم افتتاح الجسر ${base.url}`)).toContain('carries a link');
    expect(compose('x', { article: { texts: { 'x-ar': 'تم' } } }).parts[0]?.link).toBeUndefined();
  });
});
