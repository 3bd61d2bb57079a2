import { createHash } from 'node:crypto';

/**
 * Query parameters that say where a reader came from, not what the page is. A name stands here only where no site is known
 * to find pages by it: two articles must never become one (docs/duplicates.md lists them with their owners).
 */
const tracking = new RegExp(
  `^(?:${[
    'utm_\\w+|_ga|_gl|gclid|gclsrc|gbraid|wbraid|dclid|srsltid|gad_source|gad_campaignid', // Google
    'fbclid|fb_action_ids|fb_action_types|fb_source|fb_ref|igshid|igsh|mibextid|__tn__|__twitter_impression|twclid|ref_src|ref_url',
    'msclkid|yclid|ysclid|_openstat|ttclid|li_fat_id|epik|rdt_cid|sccid|irclickid|wickedid|spm',
    'mc_cid|mc_eid|mc_tc|_hsenc|_hsmi|__hssc|__hstc|__hsfp|hsctatracking|mkt_tok|vero_id|vero_conv|oly_enc_id|oly_anon_id',
    '_bta_tid|_bta_c|_ke|_kx|trk_contact|trk_msg|trk_module|trk_sid|ml_subscriber|ml_subscriber_hash|sc_cmp|s_cid|rb_clickid',
    'cmpid|ocid|icid|ito|ns_(?:mchannel|campaign|source|linkname|fee)|at_(?:medium|campaign|custom\\d|link_\\w+|bbc_team|ptr_\\w+|format|creation|variant|send_date)',
    'xtor|(?:pk|piwik|mtm|matomo)_(?:campaign|kwd|keyword|source|medium|content|cid|group|placement)|guccounter|guce_referrer\\w*',
  ].join('|')})$`,
  'i',
);
/** Only these values of a common name say where a reader came from. */
const trackingValue: Record<string, RegExp> = {
  ref: /^(?:rss|feed|home|homepage|fb|facebook|twitter|tw|x|telegram|whatsapp|share|social|newsletter|email|nl|app|push|tw_i|fb_i|google|twsrc.*)$/i,
  source: /^(?:rss|feed|facebook|twitter|telegram|whatsapp|newsletter|email|push|social|share)$/i,
  cmp: /^[a-z_-]/i,
  amp: /^(?:1|true|)$/i,
  outputtype: /^amp$/i,
  output: /^amp$/i,
  feature: /^share$/i,
};

/**
 * One name for all addresses of the same page: `http` as `https`, without `www.`, default port, tracking parameters, empty
 * query, marks of the AMP version, closing slash and fragment (but for `#!`, which some sites find pages by), parameters in
 * order, percent-encoding in one form. Idempotent. The result is for comparing, and need not lead anywhere. Throws for what
 * is no address.
 */
export function canonicalUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.protocol === 'http:') {
    const port = parsed.port === '443' ? '' : parsed.port;
    parsed.protocol = 'https:';
    parsed.port = port;
  }
  const host = parsed.hostname.replace(/\.+$/, '').replace(/^www\.(?=[^.]+\.)/, '');
  const query = queryOf(parsed.search);
  const path = pathOf(parsed.pathname);
  const fragment = parsed.hash.startsWith('#!') ? encoded(parsed.hash) : '';
  const user = parsed.username === '' ? '' : `${parsed.username}:${parsed.password}@`;
  const port = parsed.port === '' ? '' : `:${parsed.port}`;
  return `${parsed.protocol}//${user}${host}${port}${path}${query}${fragment}`;
}

function queryOf(search: string): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return { name: part(at < 0 ? pair : pair.slice(0, at)), value: at < 0 ? undefined : part(pair.slice(at + 1)) };
    })
    .filter(({ name, value }) => !isTracking(name, value ?? ''));
  // Parameters of one name keep their order: it may matter.
  kept.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  const text = kept.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)).join('&');
  return text === '' ? '' : `?${text}`;
}

function isTracking(name: string, value: string): boolean {
  return tracking.test(name) || (trackingValue[name.toLowerCase()]?.test(value) ?? false);
}

/** A part of the query: `+` and `%20` are both a space there. */
function part(text: string): string {
  return encoded(text.replaceAll('+', '%20'));
}

function pathOf(pathname: string): string {
  const path = encoded(pathname)
    .replace(/\/{2,}/g, '/')
    .replace(/\/(?:index|default)\.(?:html?|php|aspx?)$/i, '/')
    .replace(/\/+$/, '')
    .replace(/(?<=.)\/amp(?:\.html)?$|\.amp(?=\.html?$)/i, '')
    .replace(/\/+$/, '');
  return path === '' ? '/' : path;
}

/** Each character that may stand plainly does so, all others as upper-case percent signs; letters of one form (NFC). */
function encoded(text: string): string {
  return text
    .replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => {
      try {
        return [...decodeURIComponent(bytes).normalize('NFC')].map(plainOrEncoded).join('');
      } catch {
        return bytes.toUpperCase();
      }
    })
    .replace(/\P{ASCII}+/gu, (letters) => encodeURIComponent(letters.normalize('NFC')));
}

/** Signs with a meaning of their own stay as they were written. */
function plainOrEncoded(letter: string): string {
  return /^[\w.~-]$/.test(letter) || letter.charCodeAt(0) > 0x7f
    ? letter
    : encodeURIComponent(letter).replace(/[!'()*]/g, percent);
}

function percent(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}

export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Equal for texts that differ in white space, punctuation marks' direction, letter forms and diacritics only. */
export function contentHash(title: string, paragraphs: readonly string[]): string {
  const text = [title, ...paragraphs].join('\n').normalize('NFKC');
  return hash(
    text
      .replace(/[\u064B-\u065F\u0670\u0640]/g, '')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}
