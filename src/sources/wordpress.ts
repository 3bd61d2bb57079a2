import { InputError } from '../core/errors.ts';
import { toDraft } from './draft.ts';
import { eventIn, eventOf } from './event.ts';
import { lineOf, paragraphsOf, tagsOf, textOf, valueAt } from './mapping.ts';
import { definedOnly, timeOf, webUrl } from './ninjs.ts';
import type { SourceDocument } from './source.ts';

/*
 * A post of WordPress, as its REST API writes it (`title.rendered`, `date_gmt` …), as its database does (`post_title`,
 * `post_date_gmt` …: WP Webhooks and other plugins), or as examples/wordpress sends it: a post of the REST API's form
 * under `post`, with `event`.
 */

/** Throws `InputError` naming what is missing. */
export function readWordpress(document: unknown, name: string): SourceDocument {
  const first = (...paths: string[]) => {
    for (const path of paths) {
      const value = valueAt(document, path);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const text = (...paths: string[]) => textOf(first(...paths));
  const id = text('post.id', 'post.ID', 'post_id', 'id', 'ID');
  if (id === undefined) {
    throw new InputError(`${name}: there is no id of a post (id, post.ID, post_id).`, { code: 'missing', status: 422 });
  }
  const key = `wp-${id}`;
  const word = text('event', 'action', 'trigger', 'hook');
  const status = text('post.status', 'post.post_status', 'status', 'post_status');
  // Where the hook's name tells nothing (`save_post`), the state of the post does.
  const event = (word === undefined ? undefined : eventIn(word)) ?? eventOf(status ?? word, name);
  const type = text('post.type', 'post.post_type', 'post_type');
  if (type !== undefined && noPosts.has(type)) return { event: 'wait', reason: `it is no post, but of type "${type}"` };
  // A post that is no longer published is gone for readers, whatever the event was.
  if (event === 'delete' || status === 'trash') return { event: 'delete', key };
  if (status !== undefined && status !== 'publish') {
    const was = text('old_status', 'post_before.post_status', 'previous_status');
    return was === 'publish' ? { event: 'delete', key } : { event: 'wait', key, reason: `its status is "${status}"` };
  }
  if (event === 'wait') return { event, key, reason: 'it is not published' };
  if (text('post.post_password', 'post_password', 'password') !== undefined) {
    return { event: 'wait', key, reason: 'it has a password' };
  }
  const title = text('post.title', 'post.post_title', 'title', 'post_title');
  if (title === undefined) {
    throw new InputError(`${name}: the post ${id} has no title.`, { code: 'missing', status: 422 });
  }
  const teaser = text('post.excerpt', 'post.post_excerpt', 'excerpt', 'post_excerpt');
  const image = webUrl(
    text(
      ...['post.featured_image.url', 'featured_image.url', 'post.featured_image', 'featured_image', 'post_thumbnail'],
      ...['_embedded.wp:featuredmedia.0.source_url', 'post.featured_media_src_url', 'jetpack_featured_media_url'],
    ),
  );
  const alt = text('post.featured_image.alt', 'featured_image.alt', '_embedded.wp:featuredmedia.0.alt_text');
  const updatedAt = gmt(text('post.modified_gmt', 'post.post_modified_gmt', 'modified_gmt', 'post_modified_gmt'));
  const raw = definedOnly({
    title: lineOf(title),
    paragraphs: bodyOf(text('post.content', 'post.post_content', 'content', 'post_content') ?? ''),
    url: webUrl(text('post.link', 'link', 'post_permalink', 'permalink', 'post.permalink', 'post.guid', 'guid')),
    publishedAt: gmt(text('post.date_gmt', 'post.post_date_gmt', 'date_gmt', 'post_date_gmt')),
    byline: text(
      'post.author_name',
      'author_name',
      '_embedded.author.0.name',
      'post.author.name',
      'author.display_name',
    ),
    section: tagsOf(
      first('post.categories', 'categories_names', 'category', 'taxonomies.category.*', '_embedded.wp:term.0'),
    )?.[0],
    tags: tagsOf(first('post.tags', 'tags_names', 'taxonomies.post_tag.*', '_embedded.wp:term.1')) ?? [],
    language: text('post.lang', 'lang', 'post.language', 'language'),
    teaser: teaser === undefined ? undefined : lineOf(teaser),
    images: image === undefined ? [] : [{ url: image, ...(alt === undefined ? {} : { alt }) }],
  });
  return { event: 'publish', key, draft: toDraft(raw, name), ...(updatedAt ? { updatedAt } : {}) };
}

/** Kinds of content that are no news of their own. */
const noPosts = new Set([
  'page',
  'attachment',
  'revision',
  'nav_menu_item',
  'wp_block',
  'wp_template',
  'wp_navigation',
]);

/** Tags of WordPress in square brackets: what stands for a picture or a player goes, a caption with its picture. */
const shortcodes =
  /\[caption\b[^\]]{0,2000}\][^[]{0,5000}\[\/caption\]|\[\/?(?:gallery|audio|video|playlist|embed)\b[^\]]{0,2000}\]/g;

/** The database holds what was written in the old editor without `<p>`: there, empty lines part the paragraphs. */
function bodyOf(content: string): string[] {
  const plain = content.replaceAll(shortcodes, '\n\n');
  if (/<(?:p|div|blockquote|h[1-6]|ul|ol|table|figure)[\s>]/i.test(plain)) return paragraphsOf(plain);
  return plain.split(/\n[^\S\n]*\r?\n/).flatMap(paragraphsOf);
}

/** WordPress writes times of Greenwich without saying so. */
function gmt(text: string | undefined): string | undefined {
  if (text === undefined || text.startsWith('0000')) return undefined;
  return timeOf(/[Zz]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
}
