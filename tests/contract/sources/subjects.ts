import type { Given, SourceStage } from './stage.ts';

/** A story as every source can tell it. */
export interface Story {
  id: string;
  url: string;
  title: string;
  paragraphs: string[];
  tags: string[];
  image: string;
}

/** A source, as the suite sees it: how a story is written in its format, and how it is given one. */
export interface Subject {
  name: string;
  write(story: Story): string;
  give(stage: SourceStage, document: Uint8Array): Promise<Given>;
  /** Many at once, where that is something else. */
  giveAtOnce?(stage: SourceStage, document: Uint8Array, count: number): Promise<void>;
  /** Words that are too many for it, of nine bytes each. */
  tooMany?: number;
  /** What the format has no place for. */
  lacks?: readonly ('tags' | 'image' | 'url')[];
  /** Finds out what encoding a document is in. */
  knowsEncodings?: boolean;
  /** The same story with other words is a new version of it. */
  follows: boolean;
  /** Documents of the format that do harm where they are read carelessly. */
  hostile?: Record<string, string>;
}

const xml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const html = ({ paragraphs }: Story) => paragraphs.map((text) => `<p>${xml(text)}</p>`).join('\n');
const bytes = (text: string) => new TextEncoder().encode(text);
const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
const dropped = (ending: string): Pick<Subject, 'give' | 'giveAtOnce'> => ({
  give: (stage, document) => stage.drop(`story.${ending}`, document),
  giveAtOnce: (stage, document, count) => stage.dropAtOnce(ending, document, count),
});
const bomb = `<?xml version="1.0"?><!DOCTYPE newsItem [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n} "${`&a${n === 0 ? '' : n - 1};`.repeat(10)}">`).join('')}]><newsItem guid="x"><contentMeta><headline>&a8;</headline></contentMeta></newsItem>`;
const outside =
  '<?xml version="1.0"?><!DOCTYPE newsItem [<!ENTITY x SYSTEM "file:///etc/passwd">]><newsItem guid="x"><contentMeta><headline>&x;</headline></contentMeta></newsItem>';
const json = (story: Story) => ({
  ...{ id: story.id, url: story.url, title: story.title, paragraphs: story.paragraphs, tags: story.tags },
  images: [{ url: story.image, alt: 'صورة' }],
});

export const subjects: Subject[] = [
  {
    name: 'API, one article',
    write: (story) => JSON.stringify(json(story)),
    give: (stage, document) => stage.post('/api/articles', document, { 'content-type': 'application/json' }),
    follows: false,
    hostile: { 'keys of the prototype': '{"__proto__": {"title": "x"}, "constructor": 1}', 'deep nesting': deep },
  },
  {
    name: 'API, in bulk',
    write: (story) => `${JSON.stringify(json(story))}\n`,
    give: (stage, document) => stage.post('/api/articles', document, { 'content-type': 'application/x-ndjson' }),
    follows: false,
    hostile: { 'keys of the prototype': '{"__proto__": {"title": "x"}}', 'deep nesting': deep },
  },
  {
    name: 'command line',
    write: (story) => JSON.stringify(json(story)),
    give: (stage, document) => stage.publish(document),
    follows: false,
    hostile: { 'keys of the prototype': '{"__proto__": {"title": "x"}}', 'deep nesting': deep },
  },
  {
    name: 'CMS hook with a map',
    write: ({ id, url, title, paragraphs, tags, image }) =>
      JSON.stringify({
        type: 'entry.publish',
        data: {
          ...{ id, links: { web: url }, headline: title, topics: tags.map((name) => ({ name })) },
          blocks: paragraphs.map((text) => ({ html: `<p>${xml(text)}</p>` })),
          image: { src: image, alt: 'صورة' },
        },
      }),
    give: (stage, document) => stage.call('cms', document),
    follows: true,
    hostile: {
      'keys of the prototype': '{"type": "publish", "data": {"__proto__": {"headline": "x"}}}',
      'deep nesting': deep,
      'another event': '{"type": "exploded", "data": {"id": "1", "headline": "خبر"}}',
    },
  },
  {
    name: 'CMS hook in our own words',
    write: (story) => JSON.stringify({ event: 'publish', ...json(story) }),
    give: (stage, document) => stage.call('own', document),
    follows: true,
    hostile: {
      'an unknown key': '{"title": "خبر", "titel": "x", "id": "q"}',
      'nothing that names it': '{"title": "خبر بلا اسم"}',
    },
  },
  {
    name: 'WordPress',
    write: (story) =>
      JSON.stringify({
        event: 'publish',
        post: {
          ...{ id: Number(story.id.replace(/\D/g, '')), status: 'publish', link: story.url, tags: story.tags },
          title: { rendered: xml(story.title) },
          content: { rendered: html(story) },
          featured_image: { url: story.image, alt: 'صورة' },
        },
      }),
    give: (stage, document) => stage.call('wp', document),
    follows: true,
    hostile: { 'no post': '{"event": "publish"}', 'deep nesting': deep },
  },
  {
    name: 'folder, text',
    write: ({ title, paragraphs, url }) => `${title}\n\n${paragraphs.join('\n\n')}\n\n${url}\n`,
    ...dropped('txt'),
    lacks: ['tags', 'image'],
    follows: false,
  },
  {
    name: 'folder, Markdown',
    write: ({ id, url, title, paragraphs, tags, image }) =>
      `---\nid: ${id}\nurl: ${url}\ntags: [${tags.join(', ')}]\nimage: { url: "${image}", alt: "صورة" }\n---\n# ${title}\n\n${paragraphs.join('\n\n')}\n`,
    ...dropped('md'),
    follows: true,
    hostile: {
      'front matter that is none': '---\ntitle: [\n---\nنص',
      'aliases without end': `---\na: &a [x]\n${Array.from({ length: 60 }, (_, n) => `b${n}: [*a, *a]`).join('\n')}\n---\nنص`,
      'an unknown key': '---\ntitel: خبر\n---\nنص',
      'quotes within quotes': `# خبر\n\n${'> '.repeat(100_000)}x`,
      'lists within lists': `# خبر\n\n${'- '.repeat(100_000)}x`,
      'keys without end': `---\n${Array.from({ length: 50_000 }, (_, n) => `k${n}: x`).join('\n')}\n---\nنص`,
    },
  },
  {
    name: 'folder, JSON',
    write: (story) => JSON.stringify(json(story)),
    ...dropped('json'),
    follows: true,
    hostile: { 'deep nesting': deep },
  },
  {
    name: 'folder, HTML',
    write: (story) =>
      `<!doctype html><html lang="ar"><head><title>${xml(story.title)}</title><link rel="canonical" href="${story.url}"><meta property="og:title" content="${xml(story.title)}"><meta property="og:image" content="${story.image}">${story.tags.map((tag) => `<meta property="article:tag" content="${tag}">`).join('')}</head><body><article><h1>${xml(story.title)}</h1>${html(story)}</article></body></html>`,
    ...dropped('html'),
    follows: true,
    hostile: { 'tags without end': '<div>'.repeat(200_000) },
  },
  {
    name: 'folder, ninjs',
    write: ({ id, url, title, paragraphs, tags, image }) =>
      JSON.stringify({
        ...{ uri: `urn:example:${id}`, type: 'text', pubstatus: 'usable', language: 'ar', url, headline: title },
        body_html: paragraphs.map((text) => `<p>${xml(text)}</p>`).join(''),
        subject: tags.map((name) => ({ name })),
        associations: {
          mainpic: { type: 'picture', description_text: 'صورة', renditions: { full: { href: image, width: 1200 } } },
        },
      }),
    ...dropped('json'),
    follows: true,
    hostile: {
      'a picture': '{"uri": "urn:x", "type": "picture", "versioncreated": "2026-05-01T10:00:00Z", "headline": "صورة"}',
      'a list for a text': '{"uri": "urn:x", "type": "text", "versioncreated": [], "headline": ["x"]}',
    },
  },
  {
    name: 'folder, NewsML-G2',
    write: (story) =>
      `<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:example:${story.id}" version="1" xml:lang="ar">
<itemMeta><itemClass qcode="ninat:text"/><pubStatus qcode="stat:usable"/><link href="${xml(story.url)}"/></itemMeta>
<contentMeta><headline>${xml(story.title)}</headline><language tag="ar"/>${story.tags.map((tag) => `<subject type="cpnat:abstract"><name>${tag}</name></subject>`).join('')}</contentMeta>
<contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>${html(story)}</body></html></inlineXML><remoteContent rendition="rnd:main" contenttype="image/jpeg" width="1200" href="${xml(story.image)}"/></contentSet></newsItem>`,
    ...dropped('xml'),
    follows: true,
    hostile: {
      'entities without end': bomb,
      'an entity from outside': outside,
      'deep nesting': `<newsItem guid="x">${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}</newsItem>`,
      'bodies without end': `<newsItem guid="x"><contentMeta><headline>خبر جديد</headline></contentMeta><contentSet><inlineXML><![CDATA[${'<body.content a="1">'.repeat(100_000)}]]></inlineXML></contentSet></newsItem>`,
      'attributes without end': `<newsItem ${Array.from({ length: 100_000 }, (_, n) => `a${n}="x"`).join(' ')} guid="x"/>`,
      'two items': '<newsMessage><itemSet><newsItem guid="a"/><newsItem guid="b"/></itemSet></newsMessage>',
      'another XML': '<?xml version="1.0"?><rss><channel/></rss>',
    },
  },
];

subjects.push({
  name: 'feed',
  write: (story) =>
    `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>موقع</title><language>ar</language><item><guid isPermaLink="false">${story.id}</guid><link>${xml(story.url)}</link><title>${xml(story.title)}</title>${story.tags.map((tag) => `<category>${tag}</category>`).join('')}<enclosure url="${xml(story.image)}" type="image/jpeg" length="1"/><content:encoded>${xml(html(story))}</content:encoded></item></channel></rss>`,
  give: (stage, document) => stage.feed(document),
  follows: true,
  // A feed holds many articles.
  tooMany: 1_000_000,
  knowsEncodings: true,
  hostile: {
    'entities without end': bomb.replaceAll('newsItem', 'rss'),
    'an entity from outside': outside.replaceAll('newsItem', 'rss'),
    'deep nesting': `<rss version="2.0"><channel>${'<a>'.repeat(50_000)}`,
    'a page instead': '<!doctype html><html><head><title>صيانة</title></head><body><p>الموقع متوقف</p></body></html>',
    'another JSON': '{"a": 1}',
  },
});

export { bytes };
