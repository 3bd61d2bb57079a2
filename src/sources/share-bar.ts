import { fold, foldedSet } from './fold.ts';

/** What buttons of share bars say, and the counts beside them. */
const labels = foldedSet(
  [
    'facebook|fb|twitter|x|x (twitter)|twitter/x|x/twitter|whatsapp|whats app|telegram|linkedin|pinterest|reddit|tumblr',
    'messenger|facebook messenger|viber|threads|instagram|snapchat|tiktok|youtube|vk|vkontakte|odnoklassniki|skype|line',
    'bluesky|mastodon|flipboard|pocket|blogger|wechat|weibo|rss|google news|google+|email|e-mail|mail|gmail|print|pdf',
    'share|share on|share via|share to|share with|share this|share it|share this article|share this story|share article',
    'share this page|share this post|share options|more sharing options|more options|copy|copy link|copied|link copied',
    'copy url|link|save|save article|bookmark|tweet|post|pin|pin it|like|send|send by email|email this|print this',
    'print article|share on facebook|share on twitter|share on x|share on whatsapp|share on telegram|share on linkedin',
    'share via email|share by email|shares|likes|tweets|total shares|follow|download|more|close',
    'فيسبوك|فيس بوك|فايسبوك|الفيسبوك|تويتر|إكس|منصة إكس|إكس (تويتر)|تويتر/إكس|واتساب|واتس اب|واتسآب|الواتساب|واتس',
    'تيليجرام|تيلجرام|تلغرام|تليغرام|تيليغرام|تيلغرام|تلجرام|تليجرام|لينكد إن|لينكدإن|لينكدان|بنترست|بينترست|بينتيريست',
    'ماسنجر|مسنجر|فيسبوك ماسنجر|فايبر|إنستغرام|انستغرام|انستجرام|إنستاغرام|سناب شات|سناب|تيك توك|يوتيوب|ثريدز|ريديت',
    'البريد الإلكتروني|بريد إلكتروني|البريد الالكتروني|البريد|إيميل|الإيميل|طباعة|اطبع|طباعة المقال|طباعة الخبر|للطباعة',
    'مشاركة|المشاركة|شارك|شاركها|شاركه|شاركنا|شارك المقال|شارك الخبر|شارك هذا المقال|شارك هذا الخبر|شارك المقالة|شارك القصة',
    'شارك الموضوع|شارك عبر|شارك على|شارك مع|شارك مع أصدقائك|شارك الصفحة|شارك الرابط|مشاركة المقال|مشاركة الخبر|مشاركة هذا المقال',
    'مشاركة عبر البريد|مشاركة عبر البريد الإلكتروني|مشاركة عبر|مشاركة على|مشاركة الرابط|مشاركة في|مشاركة المقالة|خيارات المشاركة',
    'شارك على فيسبوك|شارك على تويتر|شارك على واتساب|شارك على تلغرام|مشاركة على فيسبوك|مشاركة على تويتر|مشاركة على واتساب',
    'مشاركة على تلغرام|شارك عبر فيسبوك|شارك عبر تويتر|شارك عبر واتساب|شارك عبر تلغرام|مشاركة عبر فيسبوك|مشاركة عبر واتساب',
    'نسخ|نسخ الرابط|انسخ الرابط|تم النسخ|تم نسخ الرابط|الرابط|رابط|حفظ|حفظ المقال|تغريد|غرد|غرّد|أرسل|أرسل إلى صديق',
    'إرسال|إرسال إلى صديق|إرسال بالبريد|انشر|نشر|مشاركات|مشاركة واحدة|إعجاب|إعجابات|أعجبني|تغريدة|تغريدات|متابعة|المزيد|أخرى',
  ].join('|'),
);
const longest = Math.max(...[...labels].map((label) => label.length));

/** Labels that only prompt for a share, and would be words of a story elsewhere: never alone a reason to drop a line. */
const modest = foldedSet(
  'x|line|link|more|close|post|pin|like|copy|send|follow|download|save|المزيد|أخرى|متابعة|نشر|رابط|الرابط',
);

const separator = /[\s\p{P}\p{S}\p{Co}]/u;
const count = /^\d[\d.,]*\s?(?:k|m|الف|مليون)?(?![\p{L}\d])/u;
/** Buttons of WordPress's sharing plug-in. */
const plugin =
  /^(?:click to (?:share|email|print|save)|(?:انقر|اضغط) (?:ل|من اجل))[^.]{3,80}\((?:opens in new window|فتح في نافذه جديده)\)$|^(?:like|اعجاب|معجب|معجب بهذه)\s*:?\s*(?:loading|تحميل|جاري التحميل)?\s*\.{0,3}$|^(?:like this|معجب بهذه)\s*:?$/;

/**
 * True for a line that is nothing but share buttons, alone or side by side (spaces, bars, icons or nothing between), with
 * or without counts. A sentence that begins with such a word, or names a network, is none.
 */
export function isShareLabel(line: string): boolean {
  if (line.length > 300) return false;
  const text = fold(line);
  if (plugin.test(text)) return true;
  const found = labelsIn(text);
  if (!found) return false;
  return found.some((label) => !modest.has(label)) || text.replace(/[^\p{L}]/gu, '') === found[0];
}

/** The labels that a folded line consists of; undefined where anything else stands in it, or no label at all. */
function labelsIn(text: string): string[] | undefined {
  const reached: (string[] | undefined)[] = [[]];
  for (let at = 0; at < text.length; at += 1) {
    const sofar = reached[at];
    if (!sofar) continue;
    const rest = text.slice(at);
    const char = String.fromCodePoint(rest.codePointAt(0) as number);
    if (separator.test(char)) reached[at + char.length] ??= sofar;
    const number = rest.match(count)?.[0];
    if (number) reached[at + number.length] ??= sofar;
    for (let length = Math.min(longest, rest.length); length > 0; length -= 1) {
      const label = rest.slice(0, length);
      if (labels.has(label) && (length > 1 || /^$|^[^\p{L}\p{N}]/u.test(rest.slice(1)))) {
        reached[at + length] ??= [...sofar, label];
      }
    }
  }
  const found = reached[text.length];
  return found && found.length > 0 ? found : undefined;
}
