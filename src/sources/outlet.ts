import { fold } from './fold.ts';

const agencies =
  /^(?:(?:وكاله )?(?:سانا|رويترز|الاناضول|فرانس برس|الصحافه الفرنسيه|ا ?[.]? ?ف ?[.]? ?ب[.]?|اف ب|د ?[.]? ?ب ?[.]? ?ا[.]?|ا ?[.]? ?ب[.]?|اسوشيتد ?برس|قنا|وام|واس|بترا|كونا|بنا|وفا|معا|صفا|شينخوا|تاس|نوفوستي|سبوتنيك|ارنا|ايرنا|تسنيم|فارس|مهر|يونيوز|واع|نينا|باسنيوز|هاوار)(?: للانباء)?|وكالات|مواقع|وكالات انباء|الجزيره(?: نت)?|العربيه(?: نت)?|بي بي سي(?: عربي)?|سي ان ان(?: بالعربيه)?|سكاي نيوز(?: عربيه)?|فرانس 24|روسيا اليوم|دويتشه فيله|مونت كارلو(?: الدوليه)?|الشرق الاوسط|العربي الجديد|القدس العربي|عربي ?21|عنب بلدي|تلفزيون سوريا|المرصد السوري(?: لحقوق الانسان)?|العربي|الحدث|الحره|ان بي سي|نيويورك تايمز|واشنطن بوست|الغارديان|reuters|afp|agence france[- ]presse|ap|associated press|the associated press|dpa|efe|ansa|upi|tass|xinhua|sana|wam|spa|petra|kuna|wafa|anadolu(?: agency)?|aa|bloomberg|bbc(?: news| arabic| monitoring| sport)?|cnn|npr|pa media|al jazeera|the guardian|the new york times|the washington post|dw|rt|france ?24|voa|rfe\/rl|euronews|sky news|cbs news|nbc news|abc news|axios|politico|middle east eye|agencies|wire services|news agencies)$/;
const naming =
  /(?:^|\s)(?:وكاله|صحيفه|قناه|شبكه|موقع|جريده|مجله|راديو|اذاعه|تلفزيون|منصه|بوابه|news|agency|times|post|tribune|press|journal|network|media|radio|tv|magazine|herald|gazette|chronicle|telegraph|observer|wire)(?:\s|$)/;

/** True for the name of a news agency or outlet that is widely known. */
export function isKnownOutlet(name: string): boolean {
  return agencies.test(fold(name).replace(/^[([]|[)\]]$/g, ''));
}

/** True for what is or looks like an outlet's name: a known one, an acronym such as `SY24`, or `صحيفة …`, `… News`. */
export function isOutlet(name: string): boolean {
  if (isKnownOutlet(name)) return true;
  if (name.split(' ').length > 4) return false;
  return (
    /^(?:[A-Z][A-Z.]+\d*|[A-Z]+\d+)$/.test(name.trim()) ||
    naming.test(fold(name)) ||
    /^[\w-]+\.(?:com|net|org|info|news|tv)$/i.test(name.trim())
  );
}
