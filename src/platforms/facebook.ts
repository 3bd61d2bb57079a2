import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Account } from '../core/channel.ts';
import { UnconfirmedError } from '../core/errors.ts';
import type { RateRule } from '../core/limits.ts';
import type { Call, Platform, Publisher, SendRequest } from '../core/platform.ts';
import type { Receipt } from '../core/post.ts';
import { plainMarks } from '../text/bidi.ts';
import { limits, measureUtf16 } from '../text/measure.ts';
import type { Medium } from '../text/medium.ts';
import { changed, replacementIn, unlessGone, unreadableChange } from './shared/change.ts';
import { composeDigest } from './shared/digest.ts';
import { changeFailure, facebookFailure } from './shared/facebook-errors.ts';
import { facebookReadFailure, findOnFacebook } from './shared/facebook-find.ts';
import { createGraphClient, graphVersion } from './shared/graph.ts';
import type { HttpRequest } from './shared/http.ts';
import { multipart } from './shared/multipart.ts';
import { asReading } from './shared/reading.ts';
import { facebookRemoteId } from './shared/remote-id.ts';
import { articleFor, composeStory, linkThatFits } from './shared/story.ts';

const account = z.strictObject({
  pageId: z.string().optional().describe('Numeric id of the Page, in quotes.'),
  accessToken: z.string().optional().describe('Page access token with pages_manage_posts.'),
  appSecret: z.string().optional().describe('App secret; when given, every call is signed with appsecret_proof.'),
  graphVersion,
});

const channel = z.strictObject({});

type FacebookAccount = z.infer<typeof account>;
type FacebookChannel = z.infer<typeof channel>;

/** Length of a Page post, by Postiz' field experience. */
const limit = limits.facebookMessage;

/** Graph API, rate limiting: 4,800 calls for each engaged user in 24 hours, which only the answers tell. */
const rates: readonly RateRule[] = [
  { id: 'page', about: 'calls for one Page', scope: 'account', rates: [], acts: ['send', 'edit', 'remove'] },
];

const medium: Medium = {
  name: 'Facebook',
  forms: { photo: { limit, summary: 1200 }, text: { limit, summary: 1200 }, headline: { limit, summary: 0 } },
  ladder: ['photo', 'text', 'headline'],
  hashtags: 3,
  measure: (text) => text.length,
  layout: {
    name: 'the built-in template of Facebook',
    source: '{{ headline }}\n\n{{ summary }}\n\n{{ hashtags }}\n\n{{ link }}',
  },
  marks: plainMarks,
  paragraphBreak: '\n\n',
  background: true,
};

export const facebook: Platform<FacebookAccount, FacebookChannel> = {
  id: 'facebook',
  name: 'Facebook',
  limits: { text: limit, caption: limit, unit: 'utf16' },
  // Larger pictures are refused with subcode 1366046. Pages keep 2048 pixels of the longest side.
  media: { types: ['image/jpeg', 'image/png'], maxBytes: 4 * 1024 * 1024, maxSide: 2048 },
  account,
  secrets: ['accessToken', 'appSecret'],
  credentials: [['pageId', 'accessToken']],
  channel,
  targetKeys: [],
  example: { account: { pageId: '1000000001', accessToken: 'example-page-token', graphVersion: 'v26.0' }, channel: {} },
  rates,
  rateKey: (_rule, { account: { id, settings } }) => settings.pageId ?? id,
  corrections: ['edit', 'repost', 'leave'],
  measure: (text) => measureUtf16(text, limit),
  layout: medium.layout.source,

  compose(given, channel) {
    const article = articleFor(given, channel);
    if (article.digest) return composeDigest(article, channel, medium, { platform: 'facebook', unit: 'utf16' });
    const { link, warnings } = linkThatFits(article, channel, (link) => link.length + 3 <= limit);
    const post = composeStory(article, channel, medium, { platform: 'facebook', unit: 'utf16', link, preview: link });
    return { ...post, warnings: [...warnings, ...post.warnings] };
  },

  remoteIdOf: facebookRemoteId,
  open,
};

/** A hundred posts with long texts, each character as `\u0000`. */
const maxListBytes = 64 * 1024 * 1024;

function open({ settings, apiRoot, sandbox }: Account<FacebookAccount>): Publisher<FacebookChannel> {
  const { pageId = '', accessToken = '', appSecret } = settings;
  const client = createGraphClient({
    platform: 'Facebook',
    apiRoot,
    version: settings.graphVersion,
    accessToken,
    secrets: [accessToken, appSecret],
    usageRule: 'page',
  });
  const proof: Record<string, string> = appSecret
    ? { appsecret_proof: createHmac('sha256', appSecret).update(accessToken).digest('hex') }
    : {};

  const pathOf = ({ remoteId }: Receipt) => `/${encodeURIComponent(remoteId)}`;

  /** A change is answered by `{"success": true}`. */
  async function change(request: HttpRequest, call: Call): Promise<void> {
    const { success } = (await client.call(request, call, changeFailure)) as { success?: unknown };
    if (success !== true) throw unreadableChange('Facebook');
  }

  const urlOf = (id: string) => (sandbox ? `${client.root}/p/${id}` : `https://www.facebook.com/${id}`);

  return {
    async send(request, call) {
      const answer = await client.call(
        { method: 'POST', ...publication(pageId, proof, request) },
        call,
        facebookFailure,
      );
      const { id, post_id: postId } = answer as { id?: unknown; post_id?: unknown };
      const remoteId = postId ?? id;
      if (typeof remoteId !== 'string' || remoteId === '') {
        throw new UnconfirmedError('Facebook accepted something, but its answer names no post.', {
          code: 'unreadable',
        });
      }
      return { remoteId, url: urlOf(remoteId), at: new Date().toISOString() };
    },
    find: (request, { signal }) =>
      asReading(() =>
        findOnFacebook(
          (query) => {
            const path = `/${pageId}/published_posts?${new URLSearchParams({ ...query, ...proof })}`;
            return client.call({ method: 'GET', path, maxBytes: maxListBytes }, { signal }, facebookReadFailure);
          },
          request,
          urlOf,
        ),
      ),
    async edit(request, call) {
      const { live } = request;
      const { text: message } = replacementIn(request, { limit, measure: facebook.measure });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const body = new URLSearchParams({ message, ...proof }).toString();
      await change({ method: 'POST', path: pathOf(live), headers, body }, call);
      return changed(live);
    },
    async remove({ live }, call) {
      const query = appSecret ? `?${new URLSearchParams(proof)}` : '';
      await change({ method: 'DELETE', path: pathOf(live) + query }, call).catch(unlessGone);
      return changed(live);
    },
    async identify(call) {
      const query = new URLSearchParams({ fields: 'name', ...proof });
      const answer = await client.call({ method: 'GET', path: `/${pageId}?${query}` }, call, facebookFailure);
      return String((answer as { name?: unknown }).name ?? pageId);
    },
    close: client.close,
  };
}

/** A post with a picture goes to `/photos`, one without to `/feed`, where `link` makes the card. */
function publication(
  pageId: string,
  proof: Record<string, string>,
  { post, part, media }: SendRequest<FacebookChannel>,
) {
  const content = post.parts[part];
  const message = content?.text ?? '';
  const [picture] = media;
  if (!picture) {
    const fields = { message, ...(content?.link === undefined ? {} : { link: content.link }), ...proof };
    return {
      path: `/${pageId}/feed`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    };
  }
  const alt: Record<string, string> = picture.alt ? { alt_text_custom: picture.alt } : {};
  const fields = { message, published: 'true', ...alt, ...proof };
  return { path: `/${pageId}/photos`, ...multipart(fields, 'source', picture) };
}
