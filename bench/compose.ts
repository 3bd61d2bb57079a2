import twitterText from 'twitter-text';
import type { Article } from '../src/core/article.ts';
import type { Channel } from '../src/core/channel.ts';
import { platforms } from '../src/platforms/index.ts';
import { percentile, type Row, round } from './measure.ts';
import { newsStory } from './story.ts';

const rounds = 400;
/** A service that has run for a minute, not one that has just begun. */
const warmUp = 600;

/** One article of 600 words on all four platforms, beside headline, sentences that fit and link put together plainly. */
export function benchCompose(): Row[] {
  const ours: number[] = [];
  const plain: number[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    const article = newsStory(round);
    const oursMs = timed(() => composeAll(article));
    const plainMs = timed(() => plainAll(article));
    if (round < 0) continue;
    ours.push(oursMs);
    plain.push(plainMs);
  }
  const value = percentile(ours, 0.5);
  const baseline = percentile(plain, 0.5);
  return [
    {
      name: 'compose-article',
      value: round(value, 3),
      unit: 'ms',
      baseline: round(baseline, 3),
      ratio: round(value / baseline, 2),
      better: 'lower',
      details: { 'p99 ms': round(percentile(ours, 0.99), 3), words: wordsOf(newsStory(0)) },
    },
  ];
}

function composeAll(article: Article): void {
  for (const [id, platform] of Object.entries(platforms)) platform.compose(article, channelOf(id));
}

function channelOf(platform: string): Channel {
  const settings = { ...platforms[platform]?.example.channel };
  return { id: platform, platform, account: platform, filters: {}, unconfirmed: 'hold', settings };
}

const segmenter = new Intl.Segmenter('ar', { granularity: 'sentence' });

function plainAll({ title, paragraphs, url }: Article): string[] {
  const sentences = paragraphs.flatMap((paragraph) => [...segmenter.segment(paragraph)].map(({ segment }) => segment));
  const post = (fits: (text: string) => boolean) => {
    let text = `${title}\n\n${url}`;
    for (let count = 1; count <= sentences.length; count += 1) {
      const longer = `${title}\n\n${sentences.slice(0, count).join(' ')}\n\n${url}`;
      if (!fits(longer)) break;
      text = longer;
    }
    return text;
  };
  const upTo = (most: number) => post((text) => text.length <= most);
  return [upTo(1200), post((text) => twitterText.parseTweet(text).valid), upTo(500), upTo(1300)];
}

const wordsOf = ({ paragraphs }: Article) => paragraphs.join(' ').split(' ').length;

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
