import fc from 'fast-check';

const surrogates = 0x800;

/**
 * Any code point but half of a surrogate pair: what fast-check's unit `binary` gives, without its table of all of them,
 * which takes a second to make.
 */
export const codePoint = fc
  .integer({ min: 0, max: 0x10ffff - surrogates })
  .map((number) => String.fromCodePoint(number < 0xd800 ? number : number + surrogates));
