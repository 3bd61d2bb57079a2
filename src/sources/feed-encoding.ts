import { InputError } from '../core/errors.ts';

/** A feed's text, and what people should know of its encoding. */
export interface FeedText {
  text: string;
  warnings: string[];
}

/** Encodings that servers and tools write by habit, whatever the text is in. */
const habitual = new Set(['windows-1252', 'utf-16le', 'utf-16be', 'utf-8', 'us-ascii']);
const packed: [number[], string][] = [
  [[0x1f, 0x8b], 'packed with gzip'],
  [[0x50, 0x4b, 3, 4], 'a ZIP file'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG picture'],
  [[0xff, 0xd8, 0xff], 'a JPEG picture'],
];
/** So much of a text decides what it is written in (bytes). */
const sampled = 200_000;
/** Beside this many sound characters, one broken one is an accident. */
const soundForBroken = 20;

/**
 * The text of a feed: by its byte order mark, else as UTF-8 where it is that, else by the HTTP header or its own
 * declaration; what is declared wrongly (UTF-8 over Windows-1256, Latin over Arabic letters) is found out. Throws
 * `InputError` (`unknown-encoding`, `binary`).
 */
export function decodeFeed(bytes: Uint8Array, { name, charset }: { name: string; charset?: string }): FeedText {
  const kind = packed.find(([magic]) => magic.every((byte, at) => bytes[at] === byte))?.[1];
  if (kind) throw new InputError(`${name} is ${kind}, not a feed.`, { code: 'binary', status: 415 });
  if (isUtf32(bytes)) {
    throw new InputError(`${name} is UTF-32, which nothing reads. Its publisher should send UTF-8.`, {
      code: 'unknown-encoding',
      status: 415,
    });
  }
  const wide = widthOf(bytes);
  if (wide) return { text: withoutMark(new TextDecoder(wide).decode(bytes)), warnings: [] };
  const declared = [charset, declaredIn(bytes)].filter((label) => label !== undefined && label !== '') as string[];
  const labels = declared.map((label) => ({ label, encoding: encodingOf(label) }));
  const utf8 = decodeAs('utf-8', bytes);
  if (utf8 !== undefined) {
    const other = labels.find(({ encoding }) => encoding !== 'utf-8' && encoding !== 'us-ascii');
    const lied = other !== undefined && /[^\p{ASCII}]/u.test(utf8);
    return { text: withoutMark(utf8), warnings: lied ? [`It says ${other.label}, and is UTF-8.`] : [] };
  }
  return legacy(bytes, labels, name);
}

type Label = { label: string; encoding: string | undefined };

/** Bytes that are no UTF-8. */
function legacy(bytes: Uint8Array, labels: Label[], name: string): FeedText {
  const specific = labels.find(({ encoding }) => encoding !== undefined && !habitual.has(encoding));
  if (specific) return { text: new TextDecoder(specific.encoding).decode(bytes), warnings: [] };
  const said = labels[0]?.label ?? 'UTF-8';
  const utf8 = new TextDecoder('utf-8').decode(bytes);
  const broken = utf8.match(/\uFFFD+/g)?.length ?? 0;
  const sound = utf8.match(/[^\p{ASCII}\uFFFD]/gu)?.length ?? 0;
  if (sound >= broken * soundForBroken) {
    return { text: withoutMark(utf8), warnings: [`It is UTF-8 with broken characters (${broken}).`] };
  }
  const guess = guessEncoding(bytes.subarray(0, sampled));
  if (guess) {
    const isSaid = labels.some(({ encoding }) => encoding === guess);
    const warnings = isSaid ? [] : [`It says ${said}, and is ${guess}.`];
    return { text: new TextDecoder(guess).decode(bytes), warnings };
  }
  const known = labels.find(({ encoding }) => encoding === 'windows-1252' || encoding === 'us-ascii');
  if (known) return { text: new TextDecoder('windows-1252').decode(bytes), warnings: [] };
  const unknown = labels.find(({ encoding }) => encoding === undefined);
  throw new InputError(
    unknown
      ? `${name} says that it is in the encoding "${unknown.label}", which is not known. Its publisher should send UTF-8.`
      : `${name} is not valid UTF-8, and in no other encoding that could be recognised. Its publisher should send UTF-8.`,
    { code: 'unknown-encoding', status: 415 },
  );
}

/** Three zeros beside the mark or the first sign. */
function isUtf32([a, b, c, d, e]: Uint8Array): boolean {
  const isLittle = c === 0 && d === 0 && ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0 && e !== undefined));
  return isLittle || (a === 0 && b === 0 && ((c === 0xfe && d === 0xff) || (c === 0 && d !== undefined && d !== 0)));
}

/** UTF-16 by its mark, or by the zeros beside the first sign. */
function widthOf([a, b, c, d]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return 'utf-16be';
  return a !== 0 && b === 0 && c !== 0 && d === 0 ? 'utf-16le' : undefined;
}

function declaredIn(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 1_024)).toString('latin1');
  return head.match(/<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([\w.:-]+)/i)?.[1];
}

/** The name of an encoding as the standard has it; undefined where it is not known. */
function encodingOf(label: string): string | undefined {
  if (/^(?:us-)?ascii$/i.test(label)) return 'us-ascii';
  try {
    return new TextDecoder(label.replace(/^(?:cp|x-cp|win|windows)-?(12\d\d)$/i, 'windows-$1')).encoding;
  } catch {
    return undefined;
  }
}

function decodeAs(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What is frequent in texts of that encoding and nonsense in the others, and the least part of their signs that it makes up. */
const telling: [string, RegExp, number][] = [
  ['windows-1256', /ال|من |في |لا|ية|ات/g, 0.08],
  ['iso-8859-6', /ال|من |في |لا|ية|ات/g, 0.08],
  ['windows-1251', /[а-яё]{3}/g, 0.5],
  ['windows-1255', /[א-ת]{3}/g, 0.5],
  [
    'windows-1252',
    /(?<=[a-z])[ß-öø-ÿ](?=[a-z\s])|(?<=[\s>])[ÀÉÖÜÄ“‘](?=[a-z])|(?<=[\p{ASCII}])[”’–—…](?=[\p{ASCII}])/giu,
    0.5,
  ],
];

/** The encoding that makes sense of bytes; undefined where none does: nonsense must not be published. */
function guessEncoding(bytes: Uint8Array): string | undefined {
  const scores = telling.map(([encoding, pattern, least]) => {
    const text = new TextDecoder(encoding).decode(bytes);
    const signs = text.match(/[^\p{ASCII}]/gu)?.length ?? 0;
    const told = (text.match(pattern) ?? []).join('').replace(/ /g, '').length;
    return { encoding, score: told / Math.max(1, signs), least };
  });
  return scores.filter(({ score, least }) => score >= least).toSorted((one, other) => other.score - one.score)[0]
    ?.encoding;
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF+/, '');
}
