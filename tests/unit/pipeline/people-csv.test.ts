import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Subscriptions } from '../../../src/core/subscriber.ts';
import { readPeople } from '../../../src/pipeline/people-csv.ts';
import { whatsapp } from '../../../src/platforms/whatsapp.ts';
import { csvLine, readCsv } from '../../../src/text/csv.ts';

const settings = whatsapp.account.parse({
  subscriptions: {
    topics: { sports: { words: ['رياضة'] }, economy: { words: ['اقتصاد'] } },
    defaultCountry: 'SY',
  },
});
const subscriptions = whatsapp.subscriptions?.({ settings } as never) as Subscriptions;
const now = Date.parse('2026-06-01T00:00:00Z');
const read = (text: string) => [...readPeople(text, { subscriptions, now })];

describe('a list of people', () => {
  it('is read with its columns in any order, in Arabic too, and as Excel writes it', () => {
    const event = {
      who: '963944123456',
      act: 'start',
      atMs: Date.parse('2026-05-01T11:30:00Z'),
      how: 'استمارة، معرض الكتاب',
      topics: ['sports', 'economy'],
      breakingOnly: false,
      language: 'ar',
      isUs: false,
    };
    const given = ['+963944123456', '2026-05-01T14:30:00+03:00', event.how, 'رياضة، economy', 'AR'];
    expect(read(`number,at,how,topics,language\n${csvLine(given)}\n`)).toEqual([{ line: 2, event }]);
    const excel = `\ufeffاللغة;رقم الهاتف;التاريخ;الطريقة;المواضيع\r\nar;"0944 123 456";2026-05-01T14:30:00+03:00;"${event.how}";"رياضه | اقتصاد"\r\n\r\n`;
    expect(read(excel)).toEqual([{ line: 2, event }]);
  });

  it('keeps what people left open, who stopped, and ids', () => {
    const text = `number,at,how,state,id
+12125552368,2026-05-01,form,,
+963944123456,2026-05-02,form,stopped,SY.123
+963944123457,,,known,
`;
    expect(read(text)).toMatchObject([
      { event: { who: '12125552368', act: 'start', isUs: true } },
      { event: { act: 'stop', alias: 'SY.123', isUs: false } },
      { event: { act: 'none', atMs: 0 } },
    ]);
    expect(read(text)[0]).not.toHaveProperty('event.topics');
  });

  it.each([
    ['+9639441,2026-05-01,form,,', 'number: …441 is no number of any country'],
    [',2026-05-01,form,,', 'number: there is no number'],
    ['+963944123456,,form,,', 'at: there is no time of consent'],
    ['+963944123456,01/05/2026,form,,', 'at: expected a time'],
    ['+963944123456,2026-02-30,form,,', 'at: expected a time'],
    ['+963944123456,2026-07-01,form,,', 'at: "2026-07-01" is still to come'],
    ['+963944123456,2026-05-01,,,', 'how: there is no proof of consent'],
    [`+963944123456,2026-05-01,${'x'.repeat(201)},,`, 'how: more than 200 characters'],
    ['+963944123456,2026-05-01,form,sport,', 'Did you mean "sports"?'],
    ['+963944123456,2026-05-01,form,weather,', 'Valid here: sports, economy, breaking, all.'],
    ['+963944123456,2026-05-01,form,,fr', 'none of subscriptions.languages (ar, en)'],
  ])('says what is wrong with "%s"', (row, why) => {
    const [first] = read(`number,at,how,topics,language\n${row}`);
    expect(first).toMatchObject({ line: 2, problems: [expect.stringContaining(why)] });
  });

  it('names lines as editors count them, and the second row of one person', () => {
    const text = 'number,at,how\n+963944123456,2026-05-01,"two\nlines"\n\n00963 944 123 456,2026-05-01,form\nx,y,z\n';
    const rows = read(text);
    expect(rows.map(({ line }) => line)).toEqual([2, 5, 6]);
    expect(rows[1]).toMatchObject({ problems: [expect.stringContaining('line 2')] });
    expect(rows[2]).toMatchObject({ problems: [expect.stringMatching(/^number/), expect.stringMatching(/^at/)] });
  });

  it('with a quote left open says so, and takes no row for part of another', () => {
    const head = 'number,at,how\n';
    const open = '+963944123456,2026-05-01,"form\n';
    const next = '+963944123457,2026-05-01,form\n';
    const problems = (from: number, to: number) => ({ line: from, problems: [expect.stringContaining(`line ${to}`)] });
    expect(read(`${head}${open}${next}`)).toEqual([problems(2, 4)]);
    expect(read(`${head}${open}${next.replace('form', '"form"')}${next}`)[0]).toEqual(problems(2, 3));
    expect(read(`${head}+963944123456,2026-05-01,"form" (blue)\n`)).toEqual([problems(2, 2)]);
  });

  it('without a line of columns is refused', () => {
    expect(() => read('')).toThrow('The file is empty');
    expect(() => read('+963944123456,2026-05-01,form\n')).toThrow('no column number, at, how');
    expect(() => read('number,when\n')).toThrow('no column how');
    expect(() => read('number,at,how,"topics\n+963944123456,2026-05-01,form,\n')).toThrow('all to line 3');
  });

  it('comes back as it was written, whatever is in it', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/\r\n?/g, '\n').trim());
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(table, (rows) => {
        const all = [['a', 'b', 'c'], ...rows];
        const text = all.map(csvLine).join('\n');
        const back = [...readCsv(text)].map(({ cells }) => cells);
        expect(back).toEqual(all.filter((cells) => cells.some((one) => one !== '')));
      }),
    );
  });
});
