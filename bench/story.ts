import type { Article } from '../src/core/article.ts';

const sentences = [
  'أعلنت وزارة الموارد المائية في المدينة الساحلية، اليوم، بدء المرحلة الثانية من مشروع تأهيل شبكة مياه الشرب التي تخدم أكثر من 240 ألف نسمة.',
  'وقال مدير المشروع سامر الحلبي إن الأعمال “ستنتهي قبل نهاية الصيف المقبل”، مشيراً إلى أن التمويل أصبح مؤمناً بالكامل.',
  'وأوضح الحلبي في مؤتمر صحفي أن الفرق الفنية استبدلت نحو 38 كيلومتراً من الأنابيب القديمة، وأن نسبة الفاقد انخفضت من 41 إلى 23 في المئة.',
  'وأضاف أن الشركة المنفذة Blue River Engineering تعمل على ثلاث ورديات، وذلك لتجنب قطع المياه عن الأحياء السكنية خلال النهار.',
  'من جهته، أكد رئيس المجلس البلدي أن السكان سيلمسون تحسناً واضحاً في ضغط المياه، داعياً إياهم إلى الإبلاغ عن أي تسرب عبر الخط الساخن.',
  'كما أشار إلى أن محطة الضخ الجديدة التي أنشئت في الجهة الشرقية تعمل بالطاقة الشمسية، وتوفر قرابة 30 في المئة من كلفة التشغيل.',
  'وتشكو أحياء عدة من ضعف المياه منذ سنوات، ولا سيما في الأشهر الحارة التي يرتفع فيها الاستهلاك إلى الضعف.',
  'وقالت أم خالد، وهي من سكان الحي القديم، إنها “تنتظر هذه اللحظة منذ عشر سنوات”، وإن عائلتها كانت تشتري المياه من الصهاريج.',
  'ولفت خبراء إلى أن المشروع وحده لا يكفي، ما لم ترافقه حملة لترشيد الاستهلاك وصيانة دورية للخزانات المنزلية.',
  'يذكر أن المشروع أطلق قبل عامين، وتوقف أكثر من مرة بسبب نقص المواد الأولية وارتفاع أسعارها.',
];

/** A news story of about `words` words. Each `variant` is another article to every cache, and the same work. */
export function newsStory(variant: number, words = 600): Article {
  const paragraphs: string[] = [];
  let count = 0;
  for (let at = 0; count < words; at += 1) {
    const sentence = sentences[at % sentences.length] as string;
    const paragraph = at < sentences.length ? sentence : sentence.replace(/\d+/g, (number) => `${Number(number) + at}`);
    paragraphs.push(paragraph);
    count += paragraph.split(' ').length;
  }
  return {
    id: `story-${variant}`,
    version: 1,
    url: `https://news.example.com/articles/${variant}`,
    title: `بدء المرحلة الثانية من تأهيل شبكة المياه في المدينة الساحلية (${variant})`,
    paragraphs,
    language: 'ar',
    direction: 'rtl',
    images: [],
    tags: ['مياه الشرب', 'خدمات'],
    section: 'محليات',
    priority: 'normal',
  };
}
