import type { Article } from '../../src/core/article.ts';
import type { Channel, Style } from '../../src/core/channel.ts';
import { platforms } from '../../src/platforms/index.ts';

/** A channel whose posts are judged, and what it promises. */
export interface Setting {
  channel: Channel;
  /** Whether a post for this article is to carry its link. */
  carriesLink(article: Article): boolean;
  /** True where an article may be told in several parts. */
  inParts: boolean;
}

interface Wish {
  id: string;
  platform: string;
  settings?: Record<string, unknown>;
  style?: Style;
  links?: 'always' | 'never' | 'breaking';
  inParts?: boolean;
}

const starred = { name: 'news', language: 'ar', text: 'خبر جديد:\n*{{1}}*\n\n{{2}}\n\nشكرا لكم.', header: 'image' };

/** The first of each platform is its usual channel. */
const wishes: readonly Wish[] = [
  { id: 'x', platform: 'x' },
  { id: 'x-no-links', platform: 'x', settings: { links: 'never' }, links: 'never' },
  {
    id: 'x-breaking',
    platform: 'x',
    settings: { links: 'breaking' },
    links: 'breaking',
    style: { hashtags: 0, digits: 'arabic' },
  },
  { id: 'x-thread', platform: 'x', settings: { thread: 5 }, inParts: true },
  {
    id: 'x-thread-long',
    platform: 'x',
    settings: { thread: 25, links: 'never' },
    links: 'never',
    inParts: true,
    style: { digits: 'latin' },
  },
  { id: 'x-tags', platform: 'x', style: { hashtags: 5, utm: { utm_source: 'x', utm_campaign: 'حملة 1' } } },
  { id: 'telegram', platform: 'telegram' },
  {
    id: 'telegram-text',
    platform: 'telegram',
    settings: { linkPreview: false },
    style: { ladder: ['text'], digits: 'arabic', hashtags: 5 },
  },
  { id: 'telegram-parts', platform: 'telegram', settings: { messages: 5 }, inParts: true },
  { id: 'telegram-headline', platform: 'telegram', style: { ladder: ['headline'], utm: { utm_source: 'telegram' } } },
  { id: 'whatsapp', platform: 'whatsapp' },
  { id: 'whatsapp-starred', platform: 'whatsapp', settings: { template: starred }, style: { digits: 'latin' } },
  { id: 'whatsapp-text', platform: 'whatsapp', settings: { mode: 'text' } },
  {
    id: 'whatsapp-text-arabic',
    platform: 'whatsapp',
    settings: { mode: 'text' },
    style: { digits: 'arabic', hashtags: 3, ladder: ['text'] },
  },
  { id: 'facebook', platform: 'facebook' },
  { id: 'facebook-plain', platform: 'facebook', style: { hashtags: 0, digits: 'latin', ladder: ['text', 'headline'] } },
];

/** The channels that every article is composed for. */
export const settings: readonly Setting[] = wishes.map(
  ({ id, platform, settings, style, links = 'always', inParts = false }) => {
    const found = platforms[platform];
    if (!found) throw new Error(`There is no platform ${platform}.`);
    return {
      channel: {
        id,
        platform,
        account: platform,
        filters: {},
        unconfirmed: 'hold',
        ...(style ? { style } : {}),
        settings: found.channel.parse({ ...found.example.channel, ...settings }) as Record<string, unknown>,
      },
      carriesLink: ({ priority }) => links === 'always' || (links === 'breaking' && priority === 'breaking'),
      inParts,
    };
  },
);
