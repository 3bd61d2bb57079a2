/** Text for Telegram's HTML mode: only these three characters need it outside attributes (Bot API, formatting options). */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * A value for a WhatsApp template parameter: Meta refuses line breaks, tabs, more than four spaces in a row and empty
 * values (netflie/whatsapp-cloud-api#201).
 */
export function templateParameter(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
