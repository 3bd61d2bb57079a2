import { refuseHeavyHtml } from './heavy-html.ts';
import { linkedom } from './linkedom.ts';

const tags =
  'p|br|div|b|i|u|s|q|em|strong|small|mark|sub|sup|a|span|font|center|h[1-6]|hr|ul|ol|li|dl|dt|dd|blockquote|pre|code|cite|img|figure|figcaption|picture|video|iframe|table|tbody|tr|td|th|section|article|main|header|footer|aside|script|style|html|body|object|embed|applet|link|meta|form|input|button|del|ins|abbr|noscript|svg|audio|big|blink|nobr';
/** A tag has attributes with values, or none: in `a<b and c>d` there is no tag. */
const markup = new RegExp(`</?(?:${tags})(?:\\s[^<>=]*=[^<>]*|\\s?/)?>|<!--|&(?:#\\d+|#x[\\da-f]+|[a-z]{2,8});`, 'i');
const blocks =
  /^(?:ADDRESS|ARTICLE|ASIDE|BLOCKQUOTE|BODY|CENTER|DD|DIV|DL|DT|FIGURE|FOOTER|FORM|H[1-6]|HEADER|HR|LI|MAIN|NAV|OL|P|PRE|SECTION|TABLE|TBODY|TD|TH|TR|UL)$/;
const unread = /^(?:SCRIPT|STYLE|NOSCRIPT|TEMPLATE|FIGCAPTION|IFRAME|SVG|BUTTON)$/i;

export function looksLikeHtml(text: string): boolean {
  return markup.test(text);
}

/** The text of a piece of HTML on one line. */
export function htmlToLine(html: string): string {
  return htmlToParagraphs(html).join(' ');
}

interface DomNode {
  nodeType: number;
  nodeName: string;
  textContent: string | null;
  childNodes: ArrayLike<DomNode>;
  getAttribute(name: string): string | null;
}

/** Looks up an attribute of an element. */
export type Attribute = (name: string) => string | null;

/**
 * The texts of the blocks in a piece of HTML, all of its text in order; `<br>` twice also parts them. Each picture met is
 * told to `onPicture`. Throws `InputError` (`bad-html`).
 */
export function htmlToParagraphs(html: string, onPicture?: (attribute: Attribute) => void): string[] {
  const paragraphs: string[] = [];
  let line = '';
  const flush = () => {
    for (const part of line.split(/\n\s*\n/)) {
      const text = part.replace(/\s+/g, ' ').trim();
      if (text !== '') paragraphs.push(text);
    }
    line = '';
  };
  const todo: (DomNode | 'flush')[] = [bodyOf(html)];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (node === 'flush') flush();
    else if (node.nodeType === 3) line += (node.textContent ?? '').replace(/\s+/g, ' ');
    else if (node.nodeName === 'BR') line += '\n';
    else if (node.nodeName === 'IMG') onPicture?.((name) => (node as DomNode).getAttribute(name));
    else if (node.nodeType === 1 && !unread.test(node.nodeName)) {
      if (blocks.test(node.nodeName)) {
        flush();
        todo.push('flush');
      }
      // Taken once: linkedom makes the list anew at each look.
      todo.push(...Array.from(node.childNodes).reverse());
    }
  }
  flush();
  return paragraphs;
}

function bodyOf(html: string): DomNode {
  refuseHeavyHtml(html, 'The body');
  return linkedom().parseHTML(`<!doctype html><html><body>${html}</body></html>`).document.body as unknown as DomNode;
}
