import { describe, expect, it } from 'vitest';
import { summarise } from '../../../src/text/summary.ts';

const measure = (text: string) => text.length;

function summary(
  given: { title?: string; paragraphs: string[]; language?: string; teaser?: string },
  budget: number,
  more: { background?: boolean; exclude?: (sentence: string) => boolean } = {},
) {
  return summarise(
    { title: '', language: 'ar', ...given },
    { budget, measure, paragraphBreak: '\n\n', background: false, ...more },
  );
}

const text = (...given: Parameters<typeof summary>) => summary(...given).paragraphs.join('\n\n');

const bridge = {
  title: 'بلدية الميناء تغلق الجسر القديم',
  paragraphs: [
    'أغلقت بلدية الميناء الجسر القديم أمام السيارات حتى الربيع، بعد أن كشف فحص هندسي تشققات في دعامتين.',
    'كما أكدت البلدية أن المشاة سيعبرون طوال مدة الأعمال.',
    'جاء ذلك في بيان أرسله مكتب البلدية الإعلامي إلى الصحف المحلية، تضمن جدولا بمواعيد الحافلات التي ستسلك طريق البحر.',
    'وطالب التجار، حسب البيان، بتعويض أصحاب المحال عن تراجع المبيعات.',
    'يشار إلى أن الجسر بني قبل تسعين عاما.',
  ],
};

describe('a summary', () => {
  it('is the whole first sentence where that fits, and its first clause where it does not', () => {
    expect(text(bridge, 105)).toBe(bridge.paragraphs[0]);
    const cut = summary(bridge, 70);
    expect(cut.paragraphs).toEqual(['أغلقت بلدية الميناء الجسر القديم أمام السيارات حتى الربيع.']);
    expect(cut.edits).toEqual([
      {
        kind: 'final-stop',
        before: 'أغلقت بلدية الميناء الجسر القديم أمام السيارات حتى الربيع،',
        after: 'أغلقت بلدية الميناء الجسر القديم أمام السيارات حتى الربيع.',
      },
    ]);
  });

  it('never begins with a sentence that leans on another', () => {
    for (let budget = 20; budget < 500; budget += 7) {
      const [first] = summary(bridge, budget).paragraphs;
      if (first !== undefined && budget >= 62) expect(first).toMatch(/^أغلقت/);
    }
  });

  it('keeps the order of the article and puts sentences of one paragraph together', () => {
    const article = {
      title: 'Harbour town opens its new market hall',
      language: 'en',
      paragraphs: [
        'The harbour town of Ellery opened its new market hall on Friday. Forty farmers sell fruit and bread there.',
        'Trains to the hall run every hour from the old station.',
      ],
    };
    expect(summary(article, 400).paragraphs).toEqual(article.paragraphs);
  });

  it('is empty where nothing fits, and only there', () => {
    expect(summary(bridge, 20)).toEqual({ paragraphs: [], edits: [] });
    expect(text(bridge, 55)).not.toBe('');
    expect(summary({ paragraphs: [] }, 100).paragraphs).toEqual([]);
  });

  it('finds what fits however far down it stands', () => {
    const long = `${'كلمة طويلة '.repeat(40)}انتهت.`;
    const paragraphs = [...Array.from({ length: 40 }, (_, i) => `${i} ${long}`), 'عاد الهدوء إلى المدينة مساء أمس.'];
    expect(text({ paragraphs }, 60)).toBe('عاد الهدوء إلى المدينة مساء أمس.');
  });

  it('leaves out what the platform excludes', () => {
    const paragraphs = [
      'زوروا موقعنا example.com لقراءة التقرير كاملا اليوم.',
      'فتحت المدارس أبوابها أمام التلاميذ صباح اليوم.',
    ];
    expect(text({ paragraphs }, 200, { exclude: (sentence) => sentence.includes('example.com') })).toBe(paragraphs[1]);
  });

  it('is the same each time, and for each budget whatever was asked before', () => {
    const fresh = (budget: number) => text({ ...bridge, paragraphs: [...bridge.paragraphs] }, budget);
    const inTurn = [400, 70, 105, 400].map((budget) => text(bridge, budget));
    expect(inTurn).toEqual([fresh(400), fresh(70), fresh(105), fresh(400)]);
  });
});

describe('sentences that lean on others', () => {
  const opening = 'عقد وزراء المياه اجتماعا طارئا في العاصمة لبحث جفاف البحيرة الكبرى.';

  it.each([
    ['من جهته طالب اتحاد المزارعين بتعويضات عاجلة لأصحاب البساتين.'],
    ['بدورها دعت منظمة البيئة إلى وقف حفر الآبار في المنطقة.'],
    ['وفي سياق متصل ارتفعت أسعار الخضار في أسواق المدينة كلها.'],
    ['يأتي ذلك في وقت تشهد فيه البلاد موجة حر شديدة.'],
    ['وهو ما يهدد آلاف الأسر التي تعيش من الصيد.'],
    ['لكن الأمطار لم تصل إلى المنطقة حتى نهاية الشهر.'],
    ['فالمنظمة لم تتلق ردا من الوزارة حتى نهاية الشهر.'],
    ['مضيفا أن الخزانات لن تكفي المدينة حتى الصيف المقبل.'],
  ])('stand only straight after the sentence before them: %s', (leaning) => {
    const far = [opening, `${'تفاصيل طويلة عن تاريخ البحيرة وأسماكها وشواطئها '.repeat(8)}كثيرة.`, leaning];
    expect(text({ paragraphs: far }, 250)).toBe(opening);
  });

  it.each([
    ['وأكد المجتمعون ضرورة خفض ما يسحب من مياه الأنهار.', 'اجتماعا'],
    ['وأشار البيان إلى نقص الخزانات في القرى الشمالية كلها.', 'بيان'],
    ['ودعا التقرير إلى بناء محطات لقياس منسوب المياه شهريا.', 'تقرير'],
  ])('name what the post has introduced: %s', (leaning, introduced) => {
    const without = 'زار وزراء المياه شواطئ البحيرة الكبرى صباح أمس ورأوا ما حل بها.';
    const filler = `${'تفاصيل طويلة عن تاريخ البحيرة وأسماكها وشواطئها '.repeat(24)}كثيرة.`;
    expect(text({ paragraphs: [without, filler, leaning] }, 1_050)).not.toContain(leaning);
    const withIt = `صدر ${introduced} في ختام لقاء وزراء المياه على شواطئ البحيرة الكبرى.`;
    expect(text({ paragraphs: [withIt, leaning], language: 'ar' }, 1_050)).toContain(leaning);
  });

  it('with a conjunction follow their own source sentence or one that names their subject', () => {
    const filler = `${'تفاصيل طويلة عن تاريخ المدينة وأسواقها وشوارعها '.repeat(24)}كثيرة.`;
    const lead = 'افتتحت شركة النقل الوطنية خطا جديدا للحافلات بين المطار ووسط المدينة.';
    const same = 'وخفضت شركة النقل سعر التذكرة للطلاب إلى النصف حتى نهاية العام.';
    const other = 'وتراجع عدد السياح في الجبال بسبب غياب الثلوج هذا الشتاء.';
    const post = text({ title: 'خط جديد للحافلات', paragraphs: [lead, filler, same, filler, other] }, 1_050);
    expect(post).toContain(same);
    expect(post).not.toContain(other);
  });

  it.each([
    ['He promised to return with more money before the winter.'],
    ['But the river rose again during the night and took the bridge.'],
    ['The statement did not say when the road would be open again.'],
    ['"We lost everything in a single night and got no help at all."'],
    ['The plan covers roads and schools in all the northern valleys.'],
  ])('are kept out in English as well: %s', (leaning) => {
    const long = `${'Long details about the history of the valley and its many villages '.repeat(8)}follow.`;
    expect(text({ language: 'en', paragraphs: [long, leaning] }, 200)).toBe(leaning);
    const lead = 'Heavy rain cut off twelve mountain villages on Sunday night.';
    expect(text({ language: 'en', title: 'Rain cuts off villages', paragraphs: [lead, long, leaning] }, 66)).toBe(lead);
    const independent = 'Soldiers brought water and bread to the villages by helicopter.';
    expect(text({ language: 'en', paragraphs: [long, leaning, independent] }, 70)).toBe(independent);
  });

  it('do not call a person by the surname before the full name', () => {
    const lead = `${'A very long opening about the garden and its old trees and walls '.repeat(6)}was read by Nora Lindqvist.`;
    const short = 'Lindqvist said the garden would be open to all children.';
    const other = 'Children planted forty apple trees along the river in April.';
    expect(text({ language: 'en', paragraphs: [lead, short, other] }, 61)).toBe(other);
  });
});

describe('background', () => {
  const filler = `${'تفاصيل طويلة عن تاريخ المدينة وأسواقها وشوارعها '.repeat(8)}كثيرة.`;
  it.each([
    ['يشار إلى أن المدينة استضافت المعرض قبل عشرة أعوام.'],
    ['يذكر أن المعرض ألغي مرتين بسبب الأمطار الغزيرة.'],
    ['الجدير بالذكر أن الدخول إلى المعرض مجاني للطلاب.'],
    ['وتجدر الإشارة إلى أن المعرض يقام كل عامين في الخريف.'],
  ])('is used when nothing else is left, where the platform allows it: %s', (background) => {
    expect(text({ paragraphs: [filler, background] }, 100)).toBe('');
    expect(text({ paragraphs: [filler, background] }, 100, { background: true })).toBe(background);
    const other = 'افتتح معرض الكتاب السنوي أبوابه صباح الخميس.';
    expect(text({ paragraphs: [other, background] }, 400, { background: true })).toBe(other);
  });
});

describe('the first sentence', () => {
  it.each([
    ['كما أكد الوزراء أن الطريق سيفتح قريبا أمام الشاحنات.', 'أكد الوزراء أن الطريق سيفتح قريبا أمام الشاحنات.'],
    ['وقال مدير المرفأ إن السفن ستعود خلال أيام قليلة.', 'قال مدير المرفأ إن السفن ستعود خلال أيام قليلة.'],
    ['وأشارت اللجنة إلى نقص الأدوية في المستشفيات الصغيرة.', 'أشارت اللجنة إلى نقص الأدوية في المستشفيات الصغيرة.'],
  ])('loses a leading connector before a reporting verb, and says so: %s', (source, after) => {
    const { paragraphs, edits } = summary({ paragraphs: [source] }, 200);
    expect(paragraphs).toEqual([after]);
    expect(edits).toEqual([{ kind: 'leading-connector', before: source, after }]);
  });

  it.each([
    ['وزراء المياه يجتمعون في العاصمة لبحث جفاف البحيرة.'],
    ['وصل الوفد إلى المدينة صباح اليوم برفقة خبراء.'],
    ['وقع الطرفان اتفاقا لتبادل الطلاب بين الجامعتين.'],
    ['وافق المجلس على الميزانية الجديدة بعد جلسة طويلة.'],
    ['وقوف السيارات ممنوع في وسط المدينة منذ اليوم.'],
    ['وجه الرئيس رسالة إلى المعلمين في يومهم السنوي.'],
    ['وصف المدرب المباراة بأنها الأصعب هذا الموسم.'],
  ])('keeps a و of its root: %s', (source) => {
    expect(summary({ paragraphs: [source] }, 200)).toEqual({ paragraphs: [source], edits: [] });
  });
});

describe('quotations, slips and repetition', () => {
  it('a sentence with a quotation left open is never taken', () => {
    const broken = 'قال الطبيب: “لا بد من فتح الطريق أمام سيارات الإسعاف.';
    const sound = 'فتحت السلطات طريقا بديلا أمام سيارات الإسعاف مساء اليوم.';
    expect(text({ paragraphs: [broken, sound] }, 300)).toBe(sound);
    expect(text({ paragraphs: [broken] }, 300)).toBe('');
  });

  it('a quotation within a quotation is whole', () => {
    const nested = 'قال القائد إن قواته “ستواصل القتال ضد “الفلول” في الجبال حتى النهاية”.';
    expect(text({ paragraphs: [nested] }, 300)).toBe(nested);
  });

  it('a heading inside the body gives way to sentences', () => {
    const paragraphs = ['أسباب الأزمة الطويلة في المدينة', 'ارتفعت أسعار الخبز في المدينة بنسبة الخمس خلال شهر واحد.'];
    expect(text({ paragraphs }, 300)).toBe(paragraphs[1]);
  });

  it('a sentence that ends in a comma or with two stops gets one full stop', () => {
    const comma = summary({ paragraphs: ['عاد التيار الكهربائي إلى أحياء المدينة كلها،'] }, 200);
    expect(comma.paragraphs).toEqual(['عاد التيار الكهربائي إلى أحياء المدينة كلها.']);
    expect(comma.edits.map(({ kind }) => kind)).toEqual(['final-stop']);
    expect(text({ paragraphs: ['عاد التيار الكهربائي إلى أحياء المدينة كلها..'] }, 200)).toBe(
      'عاد التيار الكهربائي إلى أحياء المدينة كلها.',
    );
    expect(text({ paragraphs: ['رفع الأطفال لافتة كتب عليها “نريد مدرسة”.'] }, 200)).toMatch(/”\.$/);
  });

  it('does not only say the headline again', () => {
    const title = 'إغلاق مطار المدينة بسبب عاصفة رملية';
    const again = 'إغلاق مطار المدينة اليوم بسبب عاصفة رملية.';
    const more = 'حولت الشركات اثنتي عشرة رحلة إلى مطارات مجاورة منذ الصباح الباكر.';
    expect(text({ title, paragraphs: [again, more] }, 80)).toBe(more);
    expect(text({ title, paragraphs: [again] }, 80)).toBe(again);
  });

  it('never says the same twice', () => {
    const once = 'أعلنت شركة السكك الحديدية زيادة عدد القطارات الليلية بين المدينتين.';
    const twice = 'أعلنت شركة السكك الحديدية اليوم زيادة عدد القطارات الليلية بين المدينتين الكبيرتين.';
    const post = text({ title: 'قطارات ليلية', paragraphs: [once, twice] }, 1_100);
    expect([once, twice]).toContain(post);
  });
});
