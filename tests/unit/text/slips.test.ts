import { describe, expect, it } from 'vitest';
import { relativeDays, sourceSlips } from '../../../src/text/slips.ts';

const slips = (paragraphs: string[], title = 'عنوان') => sourceSlips({ title, paragraphs, language: 'ar' });

describe('slips of the source', () => {
  it.each([
    ['عقد الاجتماع، و شاركت فيه دول.', 'و stands alone before a space'],
    ['قال في في الاجتماع.', 'word written twice: “في في”'],
    ['قالت الحكومة الحكومة إنها.', 'word written twice: “الحكومة الحكومة”'],
    ['He said the the road was closed.', 'word written twice: “the the”'],
    ['قال،، نعم.', 'two marks in a row: “،،”'],
    ['قال،. نعم', 'two marks in a row: “،.”'],
    ['انتهى الاجتماع..', 'two full stops in a row'],
    ['قال ، نعم', 'space before a punctuation mark'],
    ['قال،نعم', 'no space after “،”'],
    ['قال إن “الوضع صعب.', 'a quotation mark or bracket without its partner'],
    ['قال إن الوضع صعب).', 'a quotation mark or bracket without its partner'],
  ])('%j', (text, slip) => {
    expect(slips(['جملة سليمة.', text])).toEqual([{ paragraph: 2, slip }]);
    expect(slips([], text)).toEqual([{ paragraph: 0, slip }]);
  });

  it.each([
    'أكد الوزير أن “القتال ضد “داعش” مستمر” في العراق... وسوريا.',
    'قال: “نعم، نعم”. هل من جديد؟! نعم.',
    'من من المرشحين فاز رويدا رويدا؟ الله الله.',
    'الطول 5\'10" والبند 1) أولا والبند أ) ثانيا :)',
    'He had had enough of that; “it’s what it is is”, he said… and so on.',
    'مصر.. تاريخ يعود، وقالت شبكة سي إن إن.',
    'عدد ٣،٥ و 1,000 و 10:30؛ ثم',
    'Version 2..3 of the file ../a',
  ])('%j has none', (text) => {
    expect(slips([text])).toEqual([]);
  });

  it('are not seen in a quotation over several paragraphs', () => {
    expect(slips(['قال: “أول الكلام.', 'وسط الكلام.', 'آخر الكلام”.'])).toEqual([]);
    expect(slips(['He said: “One.', '“Two.', '“Three.”'])).toEqual([]);
    expect(slips(['قال: “أول الكلام.', 'وسط الكلام.'])).toHaveLength(1);
  });
});

describe('relative days', () => {
  it.each([
    ['أعلنت الحكومة اليوم الخميس أنها', ['اليوم', 'الخميس']],
    ['وقال أمس إن', ['أمس']],
    ['عقد يوم الأحد في', ['يوم الأحد']],
    ['وصل صباح اليوم، وسيغادر غداً', ['صباح اليوم', 'غداً']],
    ['الاجتماع الذي عقد الخميس، و', ['الخميس']],
    ['والجمعة الماضي', ['الجمعة']],
    ['بعد غد وأمس الأول', ['بعد غد', 'أمس الأول']],
    ['في هذا المساء', ['هذا المساء']],
    ['قبل قليل', ['قبل قليل']],
    ['وبالأمس', ['بالأمس']],
    ['صحيفة «اليوم السابع» و«روسيا اليوم»', []],
    ['اليوم العالمي للمرأة في ذلك اليوم', []],
    ['الخميس 12 تشرين الثاني 2020', []],
    ['صحيفة الغد و"ورقلة اليوم" وهذا اليوم عطلة قبل ساعات من بدء الحفل', []],
    ['الأحد الرابع من آذار', []],
    ['صلاة الجمعة في سوق الخميس', []],
    ['الجمعة السوداء', []],
    ['في أمس الحاجة', []],
    ['أمسك باليومية وغدائه', []],
    ['He said today that on Thursday', ['today', 'on Thursday']],
    ['Yesterday, this morning and last night', ['Yesterday', 'this morning', 'last night']],
    ['It opens tomorrow.', ['tomorrow']],
    ['Black Friday, Good Friday, the Sunday Times, USA Today', []],
    ['on Thursday, 12 March and Friday, March 13', []],
    ['every Monday and on Mondays', []],
  ])('%j', (text, expected) => {
    expect(relativeDays(text)).toEqual(expected);
  });
});
