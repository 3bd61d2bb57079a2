import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { RateRule } from '../core/limits.ts';
import type { Platform } from '../core/platform.ts';
import type { PostPart } from '../core/post.ts';
import { xMarks } from '../text/bidi.ts';
import { measureX, xLimit } from '../text/measure.ts';
import type { Medium } from '../text/medium.ts';
import { twitterText } from '../text/twitter-text.ts';
import { weighX } from '../text/x-weight.ts';
import { composeDigest } from './shared/digest.ts';
import { xRemoteId } from './shared/remote-id.ts';
import { articleFor, composeStory, linkThatFits } from './shared/story.ts';
import { openX, signingKeys } from './shared/x-client.ts';
import type { XAccount } from './shared/x-login.ts';

const secret = (what: string) => z.string().optional().describe(what);

const account = z.strictObject({
  appKey: secret('OAuth 1.0a: API key (consumer key) of the app.'),
  appSecret: secret('OAuth 1.0a: API key secret of the app.'),
  accessToken: secret('Access token of the posting user (OAuth 1.0a or 2; with a refreshToken not needed).'),
  accessSecret: secret('OAuth 1.0a: access token secret of the posting user.'),
  clientId: secret('OAuth 2: client id of the app.'),
  clientSecret: secret('OAuth 2: client secret of the app.'),
  refreshToken: secret(
    'OAuth 2: refresh token of the posting user, as the login gave it; what follows from it is stored in Redis.',
  ),
});

const channel = z.strictObject({
  links: z
    .enum(['always', 'never', 'breaking'])
    .default('always')
    .describe('Whether posts carry the link of the article. X charges $0.20 for a post with a link, $0.015 without.'),
  thread: z
    .int()
    .min(1)
    .max(25)
    .default(1)
    .describe('Tell the article in a thread of up to this many numbered posts; 1: a summary in one post.'),
});

/** X API, rate limits: POST /2/tweets. */
const rates: readonly RateRule[] = [
  { id: 'user', about: 'posts of one user', scope: 'account', rates: [{ count: 100, perMs: 15 * 60_000 }] },
  { id: 'app', about: 'posts of one app', scope: 'app', rates: [{ count: 10_000, perMs: 24 * 3_600_000 }] },
  // X API, manage posts: DELETE /2/tweets/:id.
  {
    ...{ id: 'deletions', about: 'deletions of one user', scope: 'account', acts: ['remove'] },
    rates: [{ count: 50, perMs: 15 * 60_000 }],
  },
];

type XChannel = z.infer<typeof channel>;

const measure = (text: string) => weighX(text).weightedLength;

const layout = {
  name: 'the built-in template of X',
  source: '{{ headline }}\n\n{{ summary }}\n\n{{ hashtags }}\n\n{{ link }}',
};

const medium: Medium = {
  name: 'X',
  forms: {
    photo: { limit: xLimit, summary: xLimit },
    text: { limit: xLimit, summary: xLimit },
    headline: { limit: xLimit, summary: 0 },
  },
  ladder: ['photo', 'text', 'headline'],
  hashtags: 2,
  measure,
  layout,
  marks: xMarks,
  paragraphBreak: '\n\n',
  background: false,
};

/** For a post that is to carry no link: X makes one of every bare domain, and charges for it. */
const unlinked: Medium = { ...medium, exclude: (sentence) => linksIn(sentence).length > 0 };

export const x: Platform<XAccount, XChannel> = {
  id: 'x',
  name: 'X',
  limits: { text: xLimit, caption: xLimit, unit: 'weighted' },
  // X API, media best practices. No page gives a largest size: X shows 4096 pixels at most.
  media: {
    types: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
    maxBytes: 5 * 1024 * 1024,
    maxSide: 4096,
  },
  account,
  secrets: ['appKey', 'appSecret', 'accessToken', 'accessSecret', 'clientId', 'clientSecret', 'refreshToken'],
  credentials: [
    ['appKey', 'appSecret', 'accessToken', 'accessSecret'],
    ['clientId', 'clientSecret', 'refreshToken'],
    ['clientId', 'clientSecret', 'accessToken'],
  ],
  channel,
  targetKeys: [],
  example: {
    account: {
      appKey: 'example-app-key',
      appSecret: 'example-app-secret',
      accessToken: '1-example-access-token',
      accessSecret: 'example-access-secret',
    },
    channel: { links: 'always', thread: 1 },
  },
  rates,
  rateKey(rule, { account: { id, settings } }) {
    if (rule === 'user' || rule === 'deletions') return userOf(settings.accessToken) ?? id;
    const app = settings.appKey ?? settings.clientId;
    return app === undefined ? id : createHash('sha256').update(app).digest('hex').slice(0, 16);
  },
  pricing: {
    isName: (name) => name === 'post' || name === 'link' || name === 'delete',
    // X API, pricing: creating a post, and one that contains an address, however it got there.
    priceOf: ({ text }, { prices }) => (linksIn(text).length > 0 ? (prices.link ?? 0.2) : (prices.post ?? 0.015)),
    // X API, pricing: deleting a post.
    removal: (prices) => prices.delete ?? 0.01,
    cheaper: (channel) => ({ ...channel, settings: { ...channel.settings, links: 'never' } }),
  },
  corrections: ['reply', 'repost', 'leave'],
  measure: measureX,

  layout: layout.source,

  compose(given, channel) {
    const article = articleFor(given, channel);
    const carried = carriesLink(article, channel);
    if (article.digest) {
      const parts = channel.settings.thread;
      const options = { platform: 'x', unit: 'weighted' as const, parts, numbered: true, links: carried };
      const digest = composeDigest(article, channel, medium, options);
      return { ...digest, warnings: warningsOf(digest.parts, carried) };
    }
    const { link, warnings } = linkThatFits(carried ? article : {}, channel, (link) => measure(link) + 3 <= xLimit);
    const post = composeStory(article, channel, carried ? medium : unlinked, {
      platform: 'x',
      unit: 'weighted',
      link,
      // X makes its card of the link in the text; an editor's own text holds one or none.
      preview: article.texts?.[channel.id] === undefined ? link : undefined,
      parts: channel.settings.thread,
      numbered: true,
    });
    return { ...post, warnings: [...warnings, ...post.warnings, ...warningsOf(post.parts, carried)] };
  },

  renewal(settings) {
    if (signingKeys(settings)) return undefined;
    if (settings.refreshToken) {
      return { renewed: true, detail: 'OAuth 2: renewed by Munadi before they end, and stored in Redis' };
    }
    const detail =
      'OAuth 2 without a refreshToken: the access token ends two hours after the login, and the account rests then. Log in with the scope offline.access and set refreshToken, or use OAuth 1.0a.';
    return { renewed: false, detail };
  },
  remoteIdOf: xRemoteId,
  open: openX,
};

/** A token of OAuth 1.0a begins with the number of its user. */
const userOf = (token: string | undefined) => /^(\d+)-/.exec(token ?? '')?.[1];

/** What X would make a link of, by its own detection (twitter-text). */
function linksIn(text: string): string[] {
  return text.includes('.') ? twitterText().extractUrls(text) : [];
}

function warningsOf(parts: readonly PostPart[], carried: boolean): string[] {
  const cashtags = parts.some(({ text }) => text.includes('$') && twitterText().extractCashtags(text).length > 1);
  const links = parts.flatMap(({ text }) => linksIn(text));
  const stray = carried ? [] : links;
  return [
    ...(cashtags ? ['X takes one cashtag a post; this one has more, and will be refused.'] : []),
    ...stray.map(
      (url) => `X makes a link of "${url}" in the text, and may charge for it; this post should carry none.`,
    ),
    ...(!carried || links.length === 0
      ? []
      : ['This post carries a link: X charges over ten times as much for it as without.']),
  ];
}

function carriesLink({ priority }: Article, { settings }: Channel<XChannel>): boolean {
  return settings.links === 'always' || (settings.links === 'breaking' && priority === 'breaking');
}
