import { describe, expect, it } from 'vitest';
import { whatsapp } from '../../../src/platforms/whatsapp.ts';
import { check } from './written-config.ts';

const file = (subscriptions: string) => `
accounts:
  main:
    platform: whatsapp
    subscriptions: ${subscriptions}
channels: [{ id: news, account: main, subscribers: true }]
`;
const read = (subscriptions: string) => {
  const { config, problems } = check(file(subscriptions));
  const account = config?.accounts.main;
  return { problems, read: account && whatsapp.subscriptions?.(account as never) };
};

describe('subscriptions', () => {
  it('have words and answers in Arabic and English by themselves', () => {
    const { problems, read: found } = read('{}');
    expect(problems).toEqual([]);
    expect(found).toMatchObject({
      topics: [],
      languages: ['ar', 'en'],
      start: expect.arrayContaining(['اشتراك', 'START']),
    });
    expect(Object.keys(found?.replies ?? {})).toEqual(['ar', 'en']);
  });

  it('keep topics in their order, with the filters of channels, and texts of one’s own', () => {
    const { problems, read: found } = read(`
      topics:
        sports: { words: [رياضة, sports], names: { ar: رياضة }, filters: { section: [رياضة] } }
        economy: { words: [اقتصاد], filters: { tag: [اقتصاد], not: { language: [en] } } }
      replies: { ar: { stopped: "توقفنا. {{start}} للعودة" }, fr: { help: "Envoyez {{start}}" } }
      languages: [ar, en, fr]`);
    expect(problems).toEqual([]);
    expect(found?.topics.map(({ id }) => id)).toEqual(['sports', 'economy']);
    expect(found?.topics[1]?.filters).toEqual({ tag: ['اقتصاد'], not: { language: ['en'] } });
    expect(found?.replies.ar?.stopped).toBe('توقفنا. {{start}} للعودة');
    expect(found?.replies.ar?.help).toContain('{{menu}}');
    expect(found?.replies.fr?.stopped).toContain('unsubscribed');
  });

  it('are absent where they are not set: nobody can subscribe', () => {
    const { config, warnings } = check(
      'accounts: { main: { platform: whatsapp } }\nchannels: [{ id: news, account: main, subscribers: true }]\n',
    );
    expect(warnings.join()).toContain('nobody can subscribe to main');
    expect(check(file('{}')).warnings).toEqual([]);
    expect(whatsapp.subscriptions?.(config?.accounts.main as never)).toBeUndefined();
  });

  it.each([
    ['{ stop: [توقف, عاجل] }', '"عاجل" is in stop and in breaking'],
    ['{ topics: { now: { words: [عَاجِل] } } }', 'is in breaking and in topics.now'],
    ['{ topics: { a: { words: [الرياضة] }, b: { words: [رياضه] } } }', '"رياضه" is in topics.a and in topics.b'],
    ['{ help: [عربي] }', '"عربي" is in help and in languages'],
    ['{ stop: [] }', 'at least one word'],
    // As templates are named.
    ['{ languages: [ar, en_US] }', 'a language tag'],
    ['{ stop: ["!!"] }', 'a word'],
    ['{ start: ["1"] }', 'numbers choose topics'],
    ['{ topics: { a: { words: [x], filters: { sections: [y] } } } }', 'filters.sections'],
    ['{ replies: { ar: { help: "{{name}}" } } }', '{{topics}}'],
    ['{ defaultCountry: XX }', 'an ISO 3166 code'],
    ['{ languages: [klingon] }', 'a language tag'],
  ])('%s is refused: %s', (given, why) => {
    expect(read(given).problems.join('\n')).toContain(why);
  });
});
