import { describe, expect, it } from 'vitest';
import { isByline, splitByline } from '../../../src/sources/byline.ts';
import { isDateLine, withoutDate } from '../../../src/sources/date-line.ts';
import { isFurniture, isOuterFurniture } from '../../../src/sources/furniture.ts';
import { isShareLabel } from '../../../src/sources/share-bar.ts';

describe('a share bar', () => {
  it.each(
    `Facebook
    X
    TwitterFacebookWhatsApp
    فيسبوك تويتر واتساب تلغرام
    فيسبوك | إكس | 12
    Facebook 1.2K
    👍 14 إعجاب
    شارك على فيسبوك
    مشاركة:
    ▶ طباعة ▶ حفظ
    Share on: Facebook, X, LinkedIn
    اضغط لتشارك على تويتر (فتح في نافذة جديدة)
    Save
    تلـغرام`.split(/\n\s*/),
  )('is dropped: %s', (line) => {
    expect(isShareLabel(line)).toBe(true);
  });

  it.each(
    `Facebook fined again
    X marks the spot
    شارك الرئيس في القمة
    مشاركة واسعة في الانتخابات
    طباعة الكتب في سوريا
    More link
    12
    Telegram: أكثر من مليار مستخدم`.split(/\n\s*/),
  )('is not mistaken for a line such as: %s', (line) => {
    expect(isShareLabel(line)).toBe(false);
  });
});

describe('furniture', () => {
  it.each(
    `اقرأ أيضاً: خبر آخر عن الجسر
    Read more: Who pays for the bridges?
    شاهد أيضا - فيديو الافتتاح
    تابعنا على تلغرام
    تابعوا قناتنا على واتساب لتصلكم الأخبار.
    اشترك في نشرتنا البريدية
    Follow us on X and Facebook.
    Subscribe to our newsletter
    1,234 مشاهدة
    عدد القراءات: 55
    ٣ تعليقات
    5 min read
    مدة القراءة: دقيقتان
    (Getty)
    تصوير: ليلى حداد
    Photo by Jane Doe
    نازحون في مخيم قرب إدلب (غيتي)
    ADVERTISEMENT
    إعلان
    * * *`.split(/\n\s*/),
  )('is dropped wherever it stands: %s', (line) => {
    expect(isFurniture(line)).toBe(true);
  });

  it.each(
    `الرئيسية / أخبار / سوريا
    الرئيسية > أخبار
    World › Middle East
    الخميس 12 نوفمبر 2020، 14:30
    12/11/2020 - 10:30
    ١٢ تشرين الثاني ٢٠٢٠
    Published 3 hours ago
    آخر تحديث: منذ ساعتين
    جميع الحقوق محفوظة لموقع الساحل © 2020
    © 2026 The Harbour Post
    We use cookies to improve this site.
    نستخدم ملفات تعريف الارتباط لتحسين تجربتك.
    12 نوفمبر 2020 | 1,234 مشاهدة | شارك`.split(/\n\s*/),
  )('is dropped around a story: %s', (line) => {
    expect(isOuterFurniture(line)).toBe(true);
  });

  it.each(
    `شارك آلاف المتظاهرين في المسيرة التي دعت إليها النقابات.
    اقرأ، قال له أبوه، ثم اكتب.
    تابع الوزير أن القرار نهائي.
    تابعوا المباراة على فيسبوك.
    للمزيد من الضغط على الحكومة، أعلن العمال إضرابا.
    اشترك في الحملة أطباء ومهندسون.
    Follow the money, he said.
    Read the letter twice, the judge told us.
    Watch out for our mistakes, the editor wrote.
    Share prices fell by 3 percent.
    الرئيسية في هذا القرار أنه ملزم.
    قال مراقبون إن 1,234 مشاهدة لا تكفي.
    12 قتيلا في حلب
    Cookies are sold on the quay by Rana Haddad.
    صورة الوضع في المدينة قاتمة، بحسب السكان.
    يوم الخميس 12 نوفمبر افتتح الجسر`.split(/\n\s*/),
  )('is never a line of the story: %s', (line) => {
    expect([isFurniture(line), isOuterFurniture(line)]).toEqual([false, false]);
  });

  it('is a date only as a whole', () => {
    expect(['May 12, 2026', 'منذ 3 ساعات', '14:30', 'Updated 9:41 AM EDT'].map(isDateLine)).toEqual(
      Array(4).fill(true),
    );
    expect(['2026', 'May Day', 'رمضان', 'اليوم', 'Second reading'].map(isDateLine)).toEqual(Array(5).fill(false));
    expect(['By Jane Doe, 12 May 2026', 'كتب: محمد رمضان', '12/11/2020 - سامر'].map(withoutDate)).toEqual([
      'By Jane Doe',
      'كتب: محمد رمضان',
      'سامر',
    ]);
  });
});

describe('a byline', () => {
  it.each<[string, string | undefined, string | undefined]>([
    ['خاص – SY24', 'خاص', 'SY24'],
    ['خاص - SY24', 'خاص', 'SY24'],
    ['خاص — SY24', 'خاص', 'SY24'],
    ['خاص | SY24', 'خاص', 'SY24'],
    ['خاص/SY24', 'خاص', 'SY24'],
    ['خاص-SY24', 'خاص', 'SY24'],
    ['خاص لـ SY24', 'خاص', 'SY24'],
    ['SY24 – خاص', 'خاص', 'SY24'],
    ['دمشق - سانا', 'دمشق', 'سانا'],
    ['دمشق-سانا', 'دمشق', 'سانا'],
    ['سانا – دمشق', 'دمشق', 'سانا'],
    ['بيروت (أ ف ب)', undefined, undefined],
    ['كتب: فلان الفلاني', 'فلان الفلاني', undefined],
    ['كتب: فلان الفلاني – عنب بلدي', 'فلان الفلاني', 'عنب بلدي'],
    ['بقلم سامر الأحمد', 'سامر الأحمد', undefined],
    ['إعداد: فريق التحرير', 'فريق التحرير', undefined],
    ['By Jane Doe', 'Jane Doe', undefined],
    ['By Jane Doe, Reuters', 'Jane Doe', 'Reuters'],
    ['By Jane Doe, John Smith and Omar Saleh', 'Jane Doe, John Smith and Omar Saleh', undefined],
    ['By Jane Doe | The Guardian', 'Jane Doe', 'The Guardian'],
    ['By Jane Doe, Staff Writer', 'Jane Doe', undefined],
    ['(رويترز)', undefined, 'رويترز'],
    ['(AFP)', undefined, 'AFP'],
    ['رويترز', undefined, 'رويترز'],
    ['المصدر: الأناضول', undefined, 'الأناضول'],
    ['وكالات', undefined, 'وكالات'],
  ])('is split into who and for whom: %s', (line, byline, agency) => {
    if (byline === undefined && agency === undefined) return expect(isByline(line)).toBe(false);
    expect(isByline(line)).toBe(true);
    expect(splitByline(line)).toEqual({ ...(byline ? { byline } : {}), ...(agency ? { agency } : {}) });
  });

  it.each(
    `كتب فلان على حسابه أن القرار صدر
    تقرير أممي يحذر من مجاعة جديدة
    By the time he arrived the bridge had gone
    دمشق – سانا: افتتح الوزير الجسر الجديد اليوم
    BEIRUT (Reuters) - The bridge was opened today
    (سبعة قتلى)
    روسيا – أوكرانيا: هدنة جديدة`.split(/\n\s*/),
  )('is none: %s', (line) => {
    expect(isByline(line)).toBe(false);
  });
});
