/** A stretch of a message: an address, which signs do not style, or what stands between two of them. */
export interface Stretch {
  text: string;
  isAddress: boolean;
}

/** WhatsApp's signs for bold, italic and struck: around words, within a line. */
const signs = /(?<=^|[\s\p{P}])([*_~])(?=\S)([^\n]*?\S)\1(?=$|[\s\p{P}])/gmu;

/** Divides a message at its addresses. */
export function stretches(body: string): Stretch[] {
  return body
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((text, index) => ({ text, isAddress: index % 2 === 1 }))
    .filter(({ text }) => text !== '');
}

/** Applies the signs of a stretch without addresses; nested ones as well. */
export function styled(text: string, style: (sign: string, inner: string) => string): string {
  return text.replace(signs, (_, sign: string, inner: string) => style(sign, styled(inner, style)));
}

/** What a reader sees of a message: signs of style gone, addresses untouched. */
export function visible(body: string): string {
  return stretches(body)
    .map(({ text, isAddress }) => (isAddress ? text : styled(text, (_, inner) => inner)))
    .join('');
}
