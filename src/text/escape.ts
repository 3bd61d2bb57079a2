/** Text for Telegram's HTML mode: only these three characters need it outside attributes (Bot API, formatting options). */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** WhatsApp bold, unless the text's own asterisks or line breaks would break it: then plain. */
export function whatsappBold(text: string): string {
  return /[*\n]/.test(text) ? text : `*${text}*`;
}

/**
 * A value for a WhatsApp template parameter: Meta refuses line breaks, tabs, more than four spaces in a row and empty
 * values (netflie/whatsapp-cloud-api#201).
 */
export function templateParameter(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The address with everything outside ASCII percent-encoded (X counts an unencoded one as text), host as punycode. */
export function encodeUrl(url: string): string {
  return new URL(url).href;
}
