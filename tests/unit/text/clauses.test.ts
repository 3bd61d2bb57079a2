import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clausePrefixes } from '../../../src/text/clauses.ts';
import { isBalanced } from '../../../src/text/quotes.ts';

const arabic = (sentence: string) => clausePrefixes(sentence, true).map(({ text }) => text);
const english = (sentence: string) => clausePrefixes(sentence, false).map(({ text }) => text);

describe('Arabic clauses', () => {
  it('end at a comma before a new predicate or circumstance, with a full stop', () => {
    expect(
      arabic(
        'أغلقت البلدية الجسر القديم أمام السيارات حتى الربيع، بعد أن كشف الفحص تشققات فيه، فيما بقي مفتوحا للمشاة.',
      ),
    ).toEqual([
      'أغلقت البلدية الجسر القديم أمام السيارات حتى الربيع.',
      'أغلقت البلدية الجسر القديم أمام السيارات حتى الربيع، بعد أن كشف الفحص تشققات فيه.',
    ]);
  });

  it.each([
    ['أكد وزير الزراعة في حكومة الإقليم الجنوبي، أن محصول القمح زاد هذا العام بنسبة الربع.'],
    ['وأوضح رئيس الاتحاد المحلي لكرة السلة، حسب الموقع، أن البطولة ستؤجل شهرا كاملا.'],
    ['قال مدير المستشفى المركزي في المدينة، وهو طبيب، إن الأجهزة الجديدة وصلت أمس.'],
    ['أشارت لجنة الطاقة في البرلمان الاتحادي، في تقرير من مئة صفحة، إلى نقص في المحطات.'],
  ])('never part a reporting verb from what is reported: %s', (sentence) => {
    expect(arabic(sentence)).toEqual([]);
  });

  it('keep a reporting verb whose complement stands before the cut', () => {
    expect(arabic('أكد وزير الزراعة أن محصول القمح زاد هذا العام، مشيرا إلى أن الأمطار كانت وفيرة.')).toEqual([
      'أكد وزير الزراعة أن محصول القمح زاد هذا العام.',
    ]);
    expect(
      arabic('أكد أعضاء مجلس النقابة العامة، وقوفهم إلى جانب زملائهم في الأقاليم البعيدة، ورفضهم خفض الأجور.'),
    ).toEqual(['أكد أعضاء مجلس النقابة العامة، وقوفهم إلى جانب زملائهم في الأقاليم البعيدة.']);
  });

  it('judge a reporting verb further on as well', () => {
    expect(
      arabic('وصل الوفد إلى العاصمة صباح اليوم لبحث الأزمة، وقال رئيسه للصحفيين، إن المحادثات ستدوم أسبوعا كاملا.'),
    ).toEqual(['وصل الوفد إلى العاصمة صباح اليوم لبحث الأزمة.']);
  });

  it('keep the source of a claim on both sides', () => {
    expect(
      arabic('اندلع حريق كبير في مستودع للأخشاب شمال المدينة، بحسب الدفاع المدني، فيما لم تسجل إصابات حتى الآن.'),
    ).toEqual([]);
    expect(
      arabic('اندلع حريق كبير في مستودع للأخشاب شمال المدينة، ولم تقع إصابات، وفق ما أعلن الدفاع المدني.'),
    ).toEqual([]);
  });

  it('never cut inside quotes, brackets, numbers or a list', () => {
    expect(arabic('وصف المدرب المباراة بأنها “صعبة، لكنها عادلة، ومثيرة حتى نهايتها”.')).toEqual([]);
    expect(arabic('ضمت القائمة ثلاث مدن كبرى (حلب، وحمص، ودير الزور) وقرى كثيرة حولها.')).toEqual([]);
    expect(arabic('بلغ ارتفاع السد الجديد في الوادي 41,5 متر فوق مستوى النهر.')).toEqual([]);
    expect(arabic('تشارك في المعرض شركات من تونس، والمغرب، والأردن، ومصر.')).toEqual([]);
  });

  it('never stop after an adverbial opening', () => {
    expect(arabic('في جلسة طويلة عقدها المجلس البلدي مساء أمس، وافق الأعضاء على الميزانية الجديدة.')).toEqual([]);
  });

  it('never come from a sentence whose quotes are broken', () => {
    expect(arabic('قال المتحدث إن الطريق” مغلق حتى المساء، فيما تعمل الفرق على إزالة الثلوج عنه.')).toEqual([]);
  });
});

describe('English clauses', () => {
  it('end before a subordinate clause', () => {
    expect(english('The council voted on Tuesday to close the old bridge, which was built in 1931.')).toEqual([
      'The council voted on Tuesday to close the old bridge.',
    ]);
  });

  it.each([
    ['Three people were hurt when the roof of the market hall fell in, the police said on Monday.'],
    ['When the last bus left the station late in the evening, the driver noticed the missing child.'],
    ['The shop sells bread, cheese, wine and many other things, all from the same valley.'],
    ['The mayor, who has ruled the small harbour city for years, will step down in May.'],
    ['The new minister for rural roads said, after a long pause in the session, that money was short.'],
  ])('are not made from: %s', (sentence) => {
    expect(english(sentence)).toEqual([]);
  });
});

it('a clause is the beginning of its sentence, balanced, with one full stop at the end', () => {
  const piece = fc.constantFrom(
    ...'قال أكد الوزير إن أن وصل الوفد إلى المدينة ، ، ؛ “ ” ( ) " فيما بعد وأعلن في 3.5 1,000 الذي مشيرا حسب . said which and , ; while the bridge'.split(
      ' ',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.boolean(), (pieces, isArabic) => {
      const sentence = pieces.join(' ').replace(/ ([،؛,;])/g, '$1');
      for (const { source, text } of clausePrefixes(sentence, isArabic)) {
        expect(sentence.startsWith(source)).toBe(true);
        expect(text).toBe(`${source.slice(0, -1).trimEnd()}.`);
        expect(isBalanced(text)).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
});
