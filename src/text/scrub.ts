/** Takes secret values out of a text, plain, URL-encoded and as JSON has them: `[secret]` stands in their place. */
export function createScrub(secrets: readonly unknown[]): (text: string) => string {
  const forms = secrets
    .filter((secret): secret is string => typeof secret === 'string' && secret.length > 3)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  // Longer ones first: a secret may hold another.
  const values = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return (text) => values.reduce((rest, value) => rest.replaceAll(value, '[secret]'), text);
}
