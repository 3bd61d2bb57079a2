/**
 * The address as it goes into a post: host as punycode, everything outside ASCII and whatever would end it early where
 * text is searched for links (brackets, quotes, a full stop at the end) percent-encoded, so that X (twitter-text 3) sees
 * one whole address. `utm` adds query parameters by name; those that the address has already stay as they are. Login data
 * is left out. Throws a TypeError for anything but an absolute http(s) address.
 */
export function postLink(url: string, utm: Record<string, string> = {}): string {
  const { protocol, hostname, port, pathname, search, hash, searchParams } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`No http(s) address: ${url}`);
  const added = Object.entries(utm)
    .filter(([name, value]) => value !== '' && !searchParams.has(name))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const query = [search.slice(1).replace(added.length > 0 ? /&+$/ : /$^/, ''), ...added]
    .filter((part) => part !== '')
    .join('&');
  const host = `${hostname.replace(/\.$/, '')}${port && `:${port}`}`;
  const path = encode(pathname);
  const fragment = hash === '' ? '' : `#${encode(hash.slice(1)).replaceAll('?', '%3F')}`;
  if (query === '') return `${protocol}//${host}${closed(`${path}${fragment}`)}`;
  const rest = encode(query);
  const end = fragment === '' ? closedQuery(rest) : `${rest}${closed(fragment)}`;
  return `${protocol}//${host}${closed(path)}?${end}`;
}

/** Letters, digits and signs that may stand anywhere in an address; a percent sign only before two hexadecimal digits. */
const awkward = /[^A-Za-z0-9\-._~/!$&*+,;=:@?%#]|%(?![0-9A-Fa-f]{2})/gu;

const percent = (char: string) =>
  [...new TextEncoder().encode(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

const encode = (part: string) => part.replace(awkward, percent);

/** With a last character that no search for links takes for punctuation after it. */
const closed = (part: string) => part.replace(/[^A-Za-z0-9/=_\-#]$/, percent);

/** A `+` in a query means a space, an `&` would become part of the last value. */
const closedQuery = (query: string) =>
  query.replace(/[^A-Za-z0-9/=_\-#&]$/, (char) => (char === '+' ? '%20' : percent(char)));
