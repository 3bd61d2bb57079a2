import twitterText from 'twitter-text';
import { z } from 'zod';
import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { Platform } from '../core/platform.ts';
import { bodySentences, joinBlocks, leadThatFits, shortenHeadline } from '../text/fit.ts';
import { measureX, xLimit } from '../text/measure.ts';
import { linkThatFits, tidyArticle } from './shared/story.ts';
import { openX, type XAccount } from './shared/x-client.ts';

const secret = (what: string) => z.string().optional().describe(what);

const account = z.strictObject({
  appKey: secret('OAuth 1.0a: API key (consumer key) of the app.'),
  appSecret: secret('OAuth 1.0a: API key secret of the app.'),
  accessToken: secret('Access token of the posting user (OAuth 1.0a or 2).'),
  accessSecret: secret('OAuth 1.0a: access token secret of the posting user.'),
  clientId: secret('OAuth 2: client id of the app.'),
  clientSecret: secret('OAuth 2: client secret of the app.'),
  refreshToken: secret('OAuth 2: refresh token of the posting user.'),
});

const channel = z.strictObject({
  links: z
    .enum(['always', 'never', 'breaking'])
    .default('always')
    .describe('Whether posts carry the link of the article. X charges $0.20 for a post with a link, $0.015 without.'),
});

type XChannel = z.infer<typeof channel>;

export const x: Platform<XAccount, XChannel> = {
  id: 'x',
  name: 'X',
  limits: { text: xLimit, caption: xLimit, unit: 'weighted' },
  // X API, media best practices.
  media: { types: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'], maxBytes: 5 * 1024 * 1024 },
  account,
  secrets: ['appKey', 'appSecret', 'accessToken', 'accessSecret', 'clientId', 'clientSecret', 'refreshToken'],
  credentials: [
    ['appKey', 'appSecret', 'accessToken', 'accessSecret'],
    ['clientId', 'clientSecret', 'accessToken', 'refreshToken'],
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
    channel: { links: 'always' },
  },
  measure: measureX,

  compose(given, channel) {
    const article = tidyArticle(given);
    const fits = (text: string) => measureX(text).length <= xLimit;
    const carried = carriesLink(article, channel);
    const { link, warnings } = linkThatFits(carried ? article : {}, (link) => fits(joinBlocks(['…', link])));
    const render = (headline: string, lead: string[]) => joinBlocks([headline, ...lead, link]);
    const headline = shortenHeadline(article.title, (text) => fits(render(text, [])));
    const text = render(
      headline.text,
      leadThatFits(bodySentences(article), (lead) => fits(render(headline.text, lead))),
    );
    const cashtags = twitterText.extractCashtags(text).length;
    const stray = carried ? [] : twitterText.extractUrls(text);
    const { length, limit, unit } = measureX(text);
    return {
      platform: 'x',
      parts: [
        { text, length, limit, unit, media: article.images.slice(0, 1), ...(link === undefined ? {} : { link }) },
      ],
      edits: headline.edits,
      warnings: [
        ...warnings,
        ...(cashtags > 1 ? ['X takes one cashtag a post; this one has more, and will be refused.'] : []),
        ...stray.map(
          (url) => `X makes a link of "${url}" in the text, and may charge for it; this post should carry none.`,
        ),
      ],
    };
  },

  open: openX,
};

function carriesLink({ priority }: Article, { settings }: Channel<XChannel>): boolean {
  return settings.links === 'always' || (settings.links === 'breaking' && priority === 'breaking');
}
