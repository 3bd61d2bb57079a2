/** What to ask a server for, where a feed is expected. */
export const feedAccept = [
  'application/rss+xml, application/atom+xml, application/feed+json',
  'application/rdf+xml;q=0.9, application/xml;q=0.9, text/xml;q=0.9',
  'application/json;q=0.8, */*;q=0.1',
].join(', ');

/** A feed may be this large (bytes). */
export const maxFeedBytes = 16 * 1024 * 1024;
