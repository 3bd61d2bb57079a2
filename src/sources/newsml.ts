import type { XMLParser } from 'fast-xml-parser';
import { InputError } from '../core/errors.ts';
import { lazyPackage } from '../core/lazy-package.ts';
import { readUtf8 } from './article.ts';
import { toDraft } from './draft.ts';
import { htmlToLine, htmlToParagraphs, looksLikeHtml } from './markup.ts';
import { definedOnly, priorityOf, timeOf, webUrl } from './ninjs.ts';
import { maxDocumentBytes, type SourceDocument } from './source.ts';

/** True for the beginning of a document whose root is one of NewsML-G2's. */
export function isNewsml(start: string): boolean {
  return /<(?:\w+:)?(newsItem|newsMessage|packageItem|conceptItem|knowledgeItem)[\s>]/.test(start);
}

const maxDepth = 60;

/** Of elements whose text and attributes both matter; attributes begin with `@`, text stands under `#text`. */
interface Node {
  [name: string]: unknown;
}

const xml = lazyPackage<typeof import('fast-xml-parser')>('fast-xml-parser');
let parser: XMLParser | undefined;

const parserOptions: ConstructorParameters<typeof XMLParser>[0] = {
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  // Read by the reader of pages, as they are.
  stopNodes: ['*.inlineXML', '*.inlineData'],
  isArray: (name) =>
    /^(newsItem|packageItem|subject|headline|by|creditline|description|title|name|remoteContent|inlineXML|inlineData|keyword|link)$/.test(
      name,
    ),
  maxNestedTags: maxDepth,
  processEntities: true,
};

/**
 * A text item of the IPTC's NewsML-G2, alone or as the only one of a news message. Throws `InputError`: `bad-xml`,
 * `unsupported` (packages, pictures), `invalid`.
 */
export function readNewsml(bytes: Uint8Array, name: string): SourceDocument {
  const text = readXmlText(bytes, name);
  const item = onlyItem(parse(text, name), name);
  const meta = nodeIn(item, 'itemMeta');
  const key = attribute(item, 'guid');
  if (key === undefined) {
    throw new InputError(`${name}: the newsItem has no guid, so nobody knows which article it is.`, {
      code: 'invalid',
      status: 422,
    });
  }
  const status = /(\w+)$/.exec(attribute(nodeIn(meta, 'pubStatus'), 'qcode') ?? '')?.[1] ?? 'usable';
  if (status === 'canceled') return { event: 'delete', key };
  if (status === 'withheld') return { event: 'wait', key, reason: 'its pubStatus is "withheld"' };
  const kind = /(\w+)$/.exec(attribute(nodeIn(meta, 'itemClass'), 'qcode') ?? '')?.[1] ?? 'text';
  if (kind !== 'text') {
    throw new InputError(`${name} is a NewsML-G2 item of class "${kind}"; articles have the class "text".`, {
      code: 'unsupported',
      status: 415,
    });
  }
  const updatedAt = timeOf(textIn(meta, 'versionCreated'));
  return { event: 'publish', key, draft: toDraft(rawOf(item, meta), name), ...(updatedAt ? { updatedAt } : {}) };
}

function readXmlText(bytes: Uint8Array, name: string): string {
  const text = readUtf8(bytes, name, maxDocumentBytes);
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) {
    throw new InputError(`${name} has a document type or entities of its own, which are not read. Leave them out.`, {
      code: 'bad-xml',
      status: 422,
    });
  }
  // The time to read attributes grows with the square of their number in one element.
  if (/<[^<>]{20000}/.test(text)) {
    throw new InputError(`${name} has a tag of over 20,000 characters. Give the text without it.`, {
      code: 'bad-xml',
      status: 422,
    });
  }
  return text;
}

function parse(text: string, name: string): Node {
  try {
    parser ??= new (xml().XMLParser)(parserOptions);
    return parser.parse(text, true) as Node;
  } catch (error) {
    throw new InputError(`${name} is no XML that can be read (${(error as Error).message.slice(0, 200)}).`, {
      code: 'bad-xml',
      status: 400,
      cause: error,
    });
  }
}

function onlyItem(root: Node, name: string): Node {
  const set = nodeIn(nodeIn(root, 'newsMessage'), 'itemSet') ?? root;
  const items = listIn(set, 'newsItem');
  if (items.length === 1 && listIn(set, 'packageItem').length === 0) return items[0] as Node;
  const held = items.length === 0 ? 'no newsItem' : `${items.length} news items`;
  throw new InputError(
    `${name} holds ${held}${set.packageItem ? ' and a package' : ''}. Give each newsItem as a file of its own.`,
    {
      code: 'unsupported',
      status: 415,
    },
  );
}

function rawOf(item: Node, meta: Node | undefined) {
  const content = nodeIn(item, 'contentMeta');
  const set = nodeIn(item, 'contentSet');
  const urgency = Number(textIn(content, 'urgency') ?? Number.NaN);
  const provider = nodeIn(meta, 'provider');
  return definedOnly({
    title: plain(firstText(content, 'headline') ?? firstText(meta, 'title') ?? ''),
    paragraphs: bodyOf(set),
    byline: firstText(content, 'by'),
    agency: firstText(content, 'creditline') ?? firstText(provider, 'name') ?? attribute(provider, 'literal'),
    language: attribute(nodeIn(content, 'language'), 'tag') ?? attribute(item, 'lang'),
    publishedAt: timeOf(textIn(meta, 'firstCreated')) ?? timeOf(textIn(content, 'contentCreated')),
    embargoUntil: timeOf(textIn(meta, 'embargoed')),
    priority: priorityOf(urgency),
    teaser: firstText(content, 'description'),
    url: listIn(item, 'link')
      .concat(listIn(meta, 'link'))
      .map((link) => webUrl(attribute(link, 'href')))
      .find((url) => url !== undefined),
    images: picturesOf(set),
    tags: listIn(content, 'subject').flatMap((subject) => firstText(subject, 'name') ?? []),
  });
}

/** XHTML, NITF or plain text. */
function bodyOf(set: Node | undefined): string[] {
  const [xml] = listIn(set, 'inlineXML');
  const whole = xml === undefined ? undefined : textOf(xml);
  if (whole !== undefined) {
    return htmlToParagraphs(inside(whole, 'body.content') ?? inside(whole, 'body') ?? whole);
  }
  const [data] = listIn(set, 'inlineData');
  const text = data === undefined ? '' : unescapeXml(textOf(data) ?? '');
  if (looksLikeHtml(text)) return htmlToParagraphs(text);
  return /\n\s*\n/.test(text) ? text.split(/\n\s*\n/) : text.split(/\r?\n/);
}

/** What stands between the first start and the last end of an element. In time that grows with the text alone. */
function inside(xml: string, name: string): string | undefined {
  const start = new RegExp(`<(?:\\w{1,20}:)?${name}(?=[\\s>])`).exec(xml);
  const from = start ? xml.indexOf('>', start.index) + 1 : 0;
  if (from === 0) return undefined;
  const end = xml.lastIndexOf('</', xml.lastIndexOf(`${name}>`));
  return end < from ? undefined : xml.slice(from, end);
}

function unescapeXml(text: string): string {
  const [, cdata] = /^\s*<!\[CDATA\[([\s\S]*)\]\]>\s*$/.exec(text) ?? [];
  if (cdata !== undefined) return cdata;
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

function picturesOf(set: Node | undefined): { url: string; alt?: string }[] {
  return listIn(set, 'remoteContent')
    .filter((one) => /^image\//.test(attribute(one, 'contenttype') ?? ''))
    .map((one) => ({ url: webUrl(attribute(one, 'href')), width: Number(attribute(one, 'width') ?? 0) }))
    .sort((one, other) => other.width - one.width)
    .flatMap(({ url }) => (url ? [{ url }] : []))
    .slice(0, 1);
}

function nodeIn(node: Node | undefined, name: string): Node | undefined {
  const [first] = listIn(node, name);
  return first;
}

function listIn(node: Node | undefined, name: string): Node[] {
  const found = node && Object.hasOwn(node, name) ? node[name] : undefined;
  const list = Array.isArray(found) ? found : found === undefined ? [] : [found];
  return list.map((one) => (typeof one === 'object' && one !== null ? (one as Node) : { '#text': String(one) }));
}

function textOf(node: Node): string | undefined {
  const text = node['#text'];
  return text === undefined || text === '' ? undefined : String(text);
}

function textIn(node: Node | undefined, name: string): string | undefined {
  const found = nodeIn(node, name);
  return found && textOf(found);
}

function firstText(node: Node | undefined, name: string): string | undefined {
  return listIn(node, name)
    .map(textOf)
    .find((text) => text !== undefined);
}

function attribute(node: Node | undefined, name: string): string | undefined {
  const value = node?.[`@${name}`];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function plain(given: string): string {
  return looksLikeHtml(given) ? htmlToLine(given) : given;
}
