/** Elements that no module known to the parser has, looked for in an item's own XML. */

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** XML's own entities as characters; all others stay. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (whole, decimal, hex, name) => {
    if (name) return named[(name as string).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** Where an entry's link leads to a counter, these name the page (FeedBurner, Pheedo). */
export function originalLink(xml: string): string | undefined {
  const found = xml.match(
    /<(?:feedburner|pheedo):origLink\b[^>]{0,300}>\s{0,50}(?:<!\[CDATA\[)?\s{0,50}([^<\]]{1,2000})/i,
  )?.[1];
  return found === undefined ? undefined : decodeEntities(found);
}

/** The same text with blanks for CDATA: only what is markup of the feed itself. */
function blanked(xml: string): string {
  return xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, (section) => ' '.repeat(section.length));
}

/** A link as Atom writes it, within RSS. */
export function strangeLink(xml: string): string | undefined {
  const found = blanked(xml).match(/<link\s[^<>]{0,300}?\bhref\s{0,9}=\s{0,9}["']([^"'<>]{1,2000})["']/i)?.[1];
  return found === undefined ? undefined : decodeEntities(found);
}

/** The item with signs that begin no tag (`<3%`) written as they should be; outside CDATA, where all may stand. */
export function withoutStraySigns(xml: string): string {
  return xml
    .split(cdata)
    .map((part) => (part.startsWith('<![CDATA[') ? part : part.replace(/<(?![\p{L}_/!?])/gu, '&lt;')))
    .join('');
}

/** A picture as home-made feeds have it: `<image>` with an address or a `<url>`. */
export function strangePicture(xml: string): { url: string }[] {
  const found = xml.match(
    /<(?:image|thumbnail)\b[^>]{0,200}>\s{0,50}(?:<url>\s{0,50})?(?:<!\[CDATA\[)?\s{0,50}((?:https?:|\/)[^<\]\s]{1,1000})/i,
  )?.[1];
  return found === undefined ? [] : [{ url: decodeEntities(found) }];
}

const cdata = /(<!\[CDATA\[[\s\S]*?\]\]>)/;
const wholeText = /<(yandex:full-text|full-?text|xhtml:body|body|content|details)(?:\s[^<>]{0,300})?>/i;

/** A story as home-made feeds have it: beside a short description, in an element such as `<fulltext>`, `<content>` or `<body>`. */
export function strangeText(xml: string): string | undefined {
  const outside = blanked(xml);
  const open = outside.match(wholeText);
  if (open?.index === undefined) return undefined;
  const from = open.index + open[0].length;
  const to = outside.indexOf(`</${open[1]}`, from);
  if (to < 0) return undefined;
  return xml
    .slice(from, to)
    .split(cdata)
    .map((part) => (part.startsWith('<![CDATA[') ? part.slice(9, -3) : decodeEntities(part)))
    .join('');
}
