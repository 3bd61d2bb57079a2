import type { Replies } from '../../core/subscriber.ts';

/** What people are answered, unless the configuration says it otherwise. A line whose placeholder is empty is left out. */
export const defaultReplies: Readonly<Record<string, Replies>> = {
  ar: {
    subscribed:
      'تم اشتراكك. سيصلك: {{topics}}.\nلاختيار المواضيع أرسل أرقامها أو أسماءها:\n{{menu}}\nللإيقاف في أي وقت أرسل: {{stop}}',
    stopped: 'تم إيقاف الاشتراك، ولن نرسل إليك شيئًا بعد الآن.\nللعودة أرسل: {{start}}',
    topics: 'تم التعديل. سيصلك: {{topics}}.\nللإيقاف أرسل: {{stop}}',
    help: 'للاشتراك في الأخبار أرسل: {{start}}\nلاختيار المواضيع أرسل أرقامها أو أسماءها:\n{{menu}}\nللإيقاف أرسل: {{stop}}',
  },
  en: {
    subscribed:
      'You are subscribed. You will get: {{topics}}.\nTo choose topics, send their numbers or names:\n{{menu}}\nTo stop at any time, send: {{stop}}',
    stopped: 'You have unsubscribed; we will send you nothing more.\nTo come back, send: {{start}}',
    topics: 'Changed. You will get: {{topics}}.\nTo stop, send: {{stop}}',
    help: 'To get our news, send: {{start}}\nTo choose topics, send their numbers or names:\n{{menu}}\nTo stop, send: {{stop}}',
  },
};
