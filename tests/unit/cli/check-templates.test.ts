import { describe, expect, it } from 'vitest';
import { checkChannel } from '../../../src/cli/check-templates.ts';
import type { ApprovedTemplate } from '../../../src/core/approved-template.ts';
import type { Channel } from '../../../src/core/channel.ts';

const approved = (change: Partial<ApprovedTemplate> = {}): ApprovedTemplate => ({
  ...{ name: 'news', language: 'ar', status: 'APPROVED', category: 'MARKETING', quality: 'GREEN' },
  ...{ body: '{{1}}\n\n{{2}}', variables: 2, header: 'none', footer: 'للإيقاف أرسل: إلغاء', buttons: [] },
  ...change,
});
const used = { name: 'news', language: 'ar', text: '{{1}}\n\n{{2}}', header: 'none' };
const channel = (template: object = used, more: object = {}): Channel => ({
  ...{ id: 'list', platform: 'whatsapp', account: 'main', filters: {}, unconfirmed: 'hold' },
  settings: { recipients: ['+963900000000'], template, ...more },
});
const said = (change: Partial<ApprovedTemplate>, template: object = used) =>
  checkChannel(channel(template), [approved(change)]).map(({ result, detail }) => `${result}: ${detail}`);

describe('a channel beside the templates of its account', () => {
  it('is well where it fits', () => {
    expect(checkChannel(channel(), [approved()])).toEqual([
      { name: 'template list', result: 'ok', detail: 'news/ar can be sent' },
    ]);
  });

  it.each<[Partial<ApprovedTemplate>, RegExp]>([
    [{ status: 'PAUSED' }, /its status is PAUSED/],
    [{ variables: 3 }, /has 3 variables/],
    [{ header: 'image' }, /has a picture on top. Write in the configuration: header: image/],
    [{ header: 'other' }, /something on top other than/],
    [{ body: '{{headline}}\n\n{{summary}}' }, /other variables in its body/],
    [{ openButtons: ['Read'] }, /button "Read" with a variable/],
    [{ category: 'AUTHENTICATION' }, /AUTHENTICATION/],
    [{ name: 'other' }, /is not there\. Register it/],
    [{ language: 'en' }, /is not there in ar, but in en/],
  ])('cannot send %o', (change, words) => {
    const all = said(change, { ...used, text: change.body ?? used.text });
    expect(all).toHaveLength(1);
    expect(all[0]).toMatch(/^failed: /);
    expect(all[0]).toMatch(words);
  });

  it('is told of what differs, with the line to write', () => {
    const [one, ...more] = said({ body: 'خبر: {{1}}\n\n"{{2}}"' });
    expect(more).toEqual([]);
    expect(one).toContain('warning: news/ar is measured and shown by another text');
    expect(one).toContain(String.raw`text: "خبر: {{1}}\n\n\"{{2}}\""`);
  });

  it.each<[string, Partial<ApprovedTemplate>, boolean]>([
    ['for STOP in the body', { body: '{{1}}\n\n{{2}}\nSend STOP to end.', footer: '' }, false],
    ['for a button', { footer: '', buttons: ['إيقاف الرسائل'] }, false],
    ['for nothing', { footer: 'منادي' }, true],
    ['for a word that only looks like it', { footer: 'Non-stopping news, unstoppable' }, true],
  ])('is told that there is no way out, looking %s', (_, change, isMissing) => {
    const warnings = said(change, { ...used, text: change.body ?? used.text }).filter((one) =>
      one.includes('how to stop'),
    );
    expect(warnings.length > 0).toBe(isMissing);
  });

  it('is told of falling quality', () => {
    expect(said({ quality: 'YELLOW' })).toEqual([expect.stringContaining('warning: news/ar is of YELLOW quality')]);
  });

  it('is looked at with all its templates, and with none where it sends free text', () => {
    const more = { templates: [{ ...used, language: 'en' }] };
    expect(checkChannel(channel(used, more), [approved()]).map(({ result }) => result)).toEqual(['ok', 'failed']);
    expect(checkChannel(channel(used, { mode: 'text' }), [])).toEqual([]);
  });
});
