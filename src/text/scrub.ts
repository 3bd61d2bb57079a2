/** Takes secret values out of a text, plain, URL-encoded and as JSON has them: `[secret]` stands in their place. */
export function createScrub(secrets: readonly unknown[]): (text: string) => string {
  const forms = secrets
    .filter((secret): secret is string => typeof secret === 'string' && secret.length > 3)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  // Longer ones first: a secret may hold another.
  const values = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return (text) => values.reduce((rest, value) => rest.replaceAll(value, '[secret]'), text);
}

/** Of the secrets that came along the way, so many of the newest are kept: renewed tokens are dead by then. */
const maxAdded = 200;

/** The same for secrets of which more come along the way. */
export interface Scrub {
  scrub(text: string): string;
  add(secrets: readonly string[]): void;
}

export function openScrub(secrets: readonly unknown[]): Scrub {
  const added = new Set<string>();
  let scrub = createScrub(secrets);
  return {
    scrub: (text) => scrub(text),
    add(more) {
      const unknown = more.filter((secret) => !added.has(secret));
      if (unknown.length === 0) return;
      for (const secret of unknown) added.add(secret);
      for (const oldest of [...added].slice(0, Math.max(0, added.size - maxAdded))) added.delete(oldest);
      scrub = createScrub([...secrets, ...added]);
    },
  };
}
