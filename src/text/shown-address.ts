/** Names of parameters by which sites know whom they let in. */
const secretName = /(?:token|secret|passw(?:or)?d|pwd|api_?key|^key|_key|auth|signature|^sig)$/i;
/** As long and mixed as no word, number or slug is. */
const opaque = /^(?=.*\d)(?=.*[a-z])\w{24,}$/i;

const parameters = /([?&])([^=&#]+)=([^&#]*)/g;

/** An address as messages and logs may show it: without user and password, and `…` for what lets one in. */
export function shownAddress(address: string | URL): string {
  const url = URL.parse(String(address));
  if (!url) return String(address);
  url.username = '';
  url.password = '';
  return url.href.replace(parameters, (whole, mark: string, name: string, value: string) =>
    isSecret(name, value) ? `${mark}${name}=…` : whole,
  );
}

/** What `shownAddress` leaves out of the parameters of an address, as it stands there and in plain. */
export function addressSecrets(address: string): string[] {
  const found = [...(URL.parse(address)?.search ?? '').matchAll(parameters)].flatMap(([, , name = '', value = '']) =>
    isSecret(name, value) ? [value, plain(value)] : [],
  );
  return [...new Set(found)];
}

function isSecret(name: string, value: string): boolean {
  return value !== '' && (secretName.test(plain(name)) || opaque.test(value));
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
