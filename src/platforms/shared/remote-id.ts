/** What a person pastes to say which post is meant, as an address where it is one. */
export function pastedAddress(text: string): URL | undefined {
  const given = text.trim();
  const whole = /^[a-z]+:\/\//i.test(given) ? given : `https://${given}`;
  if (/\s/.test(given) || !given.includes('.') || !URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}

/** Whether the address is on one of the hosts, or on a host below them. */
export function isOn({ hostname }: URL, hosts: readonly string[]): boolean {
  return hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`));
}

/** The id in the address of a post in the sandbox, `…/p/ID`. */
export function sandboxId({ pathname }: URL): string | undefined {
  const [, id] = pathname.match(/\/p\/(.+?)\/*$/) ?? [];
  if (id === undefined) return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/** X: the digits of a status address, or alone. */
export function xRemoteId(text: string): string | undefined {
  const bare = /^\d{1,20}$/;
  if (bare.test(text.trim())) return text.trim();
  const url = pastedAddress(text);
  if (!url) return undefined;
  if (isOn(url, ['x.com', 'twitter.com'])) return url.pathname.match(/\/status(?:es)?\/(\d{1,20})(?:\/|$)/)?.[1];
  const id = sandboxId(url);
  return id !== undefined && bare.test(id) ? id : undefined;
}

const telegramId = /^(?:@[A-Za-z]\w{3,31}|-?\d+)\/\d+$/;

/** Telegram: `t.me/name/123` is `@name/123`, `t.me/c/123/45` is `-100123/45`; in a forum the last number is the message. */
export function telegramRemoteId(text: string): string | undefined {
  if (telegramId.test(text.trim())) return text.trim();
  const url = pastedAddress(text);
  if (!url) return undefined;
  if (!isOn(url, ['t.me', 'telegram.me', 'telegram.dog'])) {
    const id = sandboxId(url);
    return id !== undefined && telegramId.test(id) ? id : undefined;
  }
  const closed = url.pathname.match(/^\/c\/(\d+)(?:\/\d+)?\/(\d+)\/?$/);
  if (closed) return `-100${closed[1]}/${closed[2]}`;
  const open = url.pathname.match(/^(?:\/s)?\/([A-Za-z]\w{3,31})(?:\/\d+)?\/(\d+)\/?$/);
  return open ? `@${open[1]}/${open[2]}` : undefined;
}

const facebookId = /^\d+_\d+$/;

/** Facebook: `PAGE_POST`. Undefined where an address names the Page by its name, or the post by a shortened id. */
export function facebookRemoteId(text: string): string | undefined {
  if (facebookId.test(text.trim())) return text.trim();
  const url = pastedAddress(text);
  if (!url) return undefined;
  if (!isOn(url, ['facebook.com', 'fb.com'])) {
    const id = sandboxId(url);
    return id !== undefined && facebookId.test(id) ? id : undefined;
  }
  const [, whole] = url.pathname.match(/^\/(\d+_\d+)\/?$/) ?? [];
  const [, ofPage, post] = url.pathname.match(/^\/(\d+)\/posts\/(?:[^/]+\/)?(\d+)\/?$/) ?? [];
  const [page, story] = ofPage ? [ofPage, post] : [url.searchParams.get('id'), url.searchParams.get('story_fbid')];
  const made = `${page}_${story}`;
  return whole ?? (facebookId.test(made) ? made : undefined);
}

/** WhatsApp: a `wamid`; messages have no address but in the sandbox. */
export function whatsappRemoteId(text: string): string | undefined {
  const bare = /^wamid\.[\w+/=-]+$/;
  if (bare.test(text.trim())) return text.trim();
  const url = pastedAddress(text);
  const id = url && sandboxId(url);
  return id !== undefined && bare.test(id) ? id : undefined;
}
