import { describe, expect, it } from 'vitest';
import type { Article } from '../../../src/core/article.ts';
import type { Channel } from '../../../src/core/channel.ts';
import { composeNotice } from '../../../src/pipeline/notice.ts';
import { platforms } from '../../../src/platforms/index.ts';

const story: Article = {
  ...{ id: 'a1', version: 2, title: 'افتتاح مكتبة المرفأ', paragraphs: ['فتحت المكتبة أبوابها صباح اليوم.'] },
  ...{ language: 'ar', direction: 'rtl', priority: 'normal', tags: ['مكتبات'], url: 'https://news.example.com/a' },
  images: [{ url: 'https://news.example.com/picture.png' }],
};

function notice(
  id: string,
  { article = {}, channel = {}, settings = {} }: { article?: object; channel?: object; settings?: object } = {},
) {
  const platform = platforms[id];
  if (!platform) throw new Error(`no platform ${id}`);
  const given: Channel = {
    ...{ id: `${id}-ar`, platform: id, account: `${id}-main`, filters: {}, unconfirmed: 'hold' },
    settings: { ...platform.example.channel, ...settings },
    ...channel,
  };
  return composeNotice(platform, { ...story, ...article }, given, id === 'whatsapp');
}
const textOf = (...of: Parameters<typeof notice>) => notice(...of).parts.map(({ text }) => text);

describe('a notice that a story was withdrawn', () => {
  it('stands in the place of the story, without link, picture and tags', () => {
    for (const id of ['telegram', 'facebook', 'x']) {
      expect(notice(id).parts).toMatchObject([{ text: 'تنويه: سُحب هذا الخبر', media: [] }]);
      expect(notice(id).parts[0]).not.toHaveProperty('link');
    }
    expect(notice('telegram').parts[0]?.markup).toBe('<b>تنويه: سُحب هذا الخبر</b>');
  });

  it('tells those who got a message which story it was', () => {
    const { template, parts, warnings } = notice('whatsapp');
    expect(template?.parameters).toEqual(['تنويه', 'سُحب خبر «افتتاح مكتبة المرفأ».']);
    expect(parts).toMatchObject([{ text: 'تنويه\n\nسُحب خبر «افتتاح مكتبة المرفأ».', media: [] }]);
    expect(warnings).toEqual([]);
    const free = notice('whatsapp', { settings: { mode: 'text' } }).parts;
    expect(free).toMatchObject([{ markup: '*تنويه*\n\nسُحب خبر «افتتاح مكتبة المرفأ».', media: [] }]);
  });

  it('has a picture only where the approved template is refused without one', () => {
    const template = { name: 'news_image', language: 'ar', text: '{{1}}\n\n{{2}}', header: 'image' };
    expect(notice('whatsapp', { settings: { template } }).parts[0]?.media).toEqual(story.images);
    expect(notice('whatsapp', { settings: { template, mode: 'text' } }).parts[0]?.media).toEqual([]);
  });

  it('is in the language of the channel, and reads in its direction', () => {
    expect(textOf('telegram', { article: { language: 'en-GB', direction: 'ltr' } })).toEqual([
      'Notice: this story has been withdrawn',
    ]);
    expect(textOf('telegram', { channel: { language: 'fr' } })).toEqual(['Avis: cet article a été retiré']);
    expect(textOf('telegram', { article: { language: 'und' } })).toEqual(['Notice: this story has been withdrawn']);
    const english = { title: 'Harbour library opens', language: 'en', direction: 'ltr' };
    // An Arabic notice of an English headline: the name has its own direction within it.
    const [text = ''] = textOf('whatsapp', { article: english, channel: { language: 'ar' } });
    expect(text.replace(/[\u2066-\u2069\u200e\u200f]/g, '')).toBe('تنويه\n\nسُحب خبر «Harbour library opens».');
  });

  it('is in the words of the channel, where it has some, whatever it shows of news', () => {
    const retractionNotice = 'حُذف هذا الخبر بعد التحقق منه.';
    const layouts = { any: { name: 'own', source: 'جديدنا: {{ headline }} {{ summary }} تابعونا' } };
    const channel = { retractionNotice, style: { layouts, ladder: ['headline'] } };
    expect(textOf('telegram', { channel })).toEqual([retractionNotice]);
    expect(textOf('whatsapp', { channel })).toEqual([`تنويه\n\n${retractionNotice}`]);
    expect(textOf('telegram', { channel: { retractionNotice: 'Withdrawn after a check.' } })).toEqual([
      'Withdrawn after a check.',
    ]);
  });

  it('fits whatever the headline is, within the rules of the template', () => {
    const title = `${'خبر طويل جدا '.repeat(200)}*مهم* {{1}}`;
    const text = `🗞 {{1}}\n\n{{2}}\n\n${'للإيقاف أرسل: إلغاء. '.repeat(20)}`;
    const template = { name: 'news', language: 'ar', text, header: 'none' };
    const { parts, template: filled } = notice('whatsapp', { article: { title }, settings: { template } });
    expect(parts[0]?.length).toBeLessThanOrEqual(1024);
    expect(filled?.parameters[1]).toMatch(/^سُحب خبر «خبر طويل جدا .*…»\.$/);
    expect(filled?.parameters.join('')).not.toMatch(/[\n\t]| {5}/);
  });
});
