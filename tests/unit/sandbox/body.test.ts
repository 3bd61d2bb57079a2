import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBody } from '../../../src/sandbox/body.ts';
import { anyUnit, multipart } from './asking.ts';

const type = (boundary: string) => `multipart/form-data; boundary=${boundary}`;
const form = (text: string, boundary = 'b') => parseBody(Buffer.from(text, 'latin1'), type(boundary));

describe('a multipart body', () => {
  it('gives text fields and files, with names and kinds', () => {
    const { body, headers } = multipart(
      { chat_id: '@news', caption: 'خبر\r\nعاجل' },
      { photo: Buffer.from([0, 13, 10, 255]) },
    );
    expect(parseBody(Buffer.from(body), headers['content-type'])).toEqual({
      form: 'multipart',
      malformed: false,
      fields: { chat_id: '@news', caption: 'خبر\r\nعاجل' },
      files: [
        {
          name: 'photo',
          filename: 'photo.png',
          mimeType: 'application/octet-stream',
          bytes: Buffer.from([0, 13, 10, 255]),
        },
      ],
    });
  });

  it('may have a preamble, an epilogue, white space after a mark, and headers in any case and order', () => {
    const text = [
      'ignored --b\r\n--b \t\r\nContent-Type: image/png\r\nCONTENT-DISPOSITION: form-data; filename="a; name=\\"x\\".png"; name=file',
      '\r\n\r\nbytes\r\n--b--\r\nignored too\r\n--b\r\n',
    ].join('');
    expect(form(text)).toMatchObject({
      malformed: false,
      files: [{ name: 'file', filename: 'a; name="x".png', mimeType: 'image/png', bytes: Buffer.from('bytes') }],
    });
  });

  it('is not divided by a mark within a line, or by one that only begins like it', () => {
    const content = 'x--b\r\n--boundary\r\n\r\n-- b\r\n--b-\r\n';
    const text = `--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n${content}\r\n--b--`;
    expect(form(text).fields).toEqual({ a: content });
  });

  it('is malformed without boundary, last mark, name, or text that is UTF-8', () => {
    const part = '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n';
    expect(form(`${part}x\r\n--b--`).malformed).toBe(false);
    expect(form(`${part}x\r\n--b\r\n`).malformed).toBe(true);
    expect(form(`${part}x`).malformed).toBe(true);
    expect(form(`${part}\xff\r\n--b--`).malformed).toBe(true);
    expect(form('--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--').malformed).toBe(true);
    expect(parseBody(Buffer.from(`${part}x\r\n--b--`), 'multipart/form-data').malformed).toBe(true);
    expect(form('').malformed).toBe(true);
  });

  it('always comes out as it went in, whatever bytes a file and a boundary hold', () => {
    const boundary = fc.stringMatching(/^[\w'()+,./:=?-]{1,30}$/);
    const chunk = (mark: string) =>
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
        fc
          .constantFrom('\r\n', '\r\n--', `--${mark}`, `\r\n--${mark}x`, `${mark}--`, `\n--${mark}--`)
          .map((text) => Buffer.from(text)),
      );
    const given = boundary.chain((mark) =>
      fc.record({
        mark: fc.constant(mark),
        bytes: fc.array(chunk(mark), { maxLength: 8 }).map((all) => Buffer.concat(all)),
      }),
    );
    fc.assert(
      fc.property(given, ({ mark, bytes }) => {
        // A line that is the mark itself: no sender chooses such a one.
        const text = `\r\n${bytes.toString('latin1')}\r\n`;
        const isMark = (index: number) =>
          text.startsWith(`\r\n--${mark}`, index) && /^(--|[ \t]*\r\n)/.test(text.slice(index + 4 + mark.length));
        fc.pre(!Array.from(text, (_, index) => index).some(isMark));
        const { body, headers } = multipart({ a: 'أ' }, { file: bytes }, mark);
        const parsed = parseBody(Buffer.from(body), headers['content-type']);
        return parsed.fields.a === 'أ' && parsed.files[0]?.bytes.equals(bytes) === true;
      }),
      { numRuns: 300 },
    );
  });

  it('never breaks the parser, whatever bytes and boundary come', () => {
    const piece = fc.constantFrom(
      '--b',
      '\r\n',
      '--',
      'content-disposition: form-data; name="a"',
      '\r\n\r\n',
      ' ',
      'x',
      '\0',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((all) => Buffer.from(all)),
      fc.array(piece, { maxLength: 30 }).map((all) => Buffer.from(all.join(''), 'latin1')),
    );
    const header = fc.oneof(fc.constant(type('b')), fc.string({ unit: anyUnit }).map(type), fc.constant(type('""')));
    fc.assert(
      fc.property(bytes, header, (given, contentType) => typeof parseBody(given, contentType).malformed === 'boolean'),
      { numRuns: 400 },
    );
  });
});

describe('a JSON or form body', () => {
  const json = (text: string) => parseBody(Buffer.from(text), 'application/json');

  it('gives its fields', () => {
    expect(json('{"a":[1,{"b":"م"}]}')).toMatchObject({
      form: 'json',
      malformed: false,
      fields: { a: [1, { b: 'م' }] },
    });
    const urlencoded = parseBody(Buffer.from('a=%D9%85+b&c'), 'Application/X-WWW-Form-Urlencoded; charset=utf-8');
    expect(urlencoded).toMatchObject({ form: 'urlencoded', malformed: false, fields: { a: 'م b', c: '' } });
    expect(parseBody(Buffer.alloc(0), '')).toMatchObject({ form: 'none', malformed: false, fields: {} });
  });

  it.each([
    '[1]',
    '"a"',
    'null',
    '{"a":',
    '',
    '{"a":"\\ud83d"}',
    '{"\\udc00":1}',
    `{"a":${'['.repeat(100)}${']'.repeat(100)}}`,
  ])('is malformed as %s', (text) => {
    expect(json(text || ' ')).toMatchObject({ malformed: true, fields: {} });
  });

  it('is malformed where it is not UTF-8', () => {
    expect(parseBody(Buffer.from('{"a":"\xff"}', 'latin1'), 'application/json').malformed).toBe(true);
    expect(parseBody(Buffer.from('a=\xff', 'latin1'), 'application/x-www-form-urlencoded').malformed).toBe(true);
  });

  it('never breaks the parser', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (bytes, header) => {
        return typeof parseBody(Buffer.from(bytes), header).malformed === 'boolean';
      }),
      { numRuns: 200 },
    );
  });
});
