import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { platforms } from '../../../src/platforms/index.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts';
import { picture } from '../../contract/suite/stage.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

const images = [{ url: 'https://news.example.com/picture.png' }];

function open(id: string, channelSettings: Record<string, unknown> = {}) {
  const platform = platforms[id];
  if (!platform) throw new Error(`no ${id}`);
  const settings = { ...platform.example.channel, ...channelSettings };
  const channel = { id: 'c', platform: id, account: 'a', filters: {}, unconfirmed: 'hold' as const, settings };
  const post = platform.compose(
    {
      id: 'article',
      version: 1,
      title: 'Night train',
      paragraphs: ['It leaves\nat ten.', 'It arrives at six.'],
      language: 'en',
      direction: 'ltr',
      images,
      tags: [],
      priority: 'normal',
    },
    channel,
  );
  const apiRoot = sandbox.roots[id] ?? '';
  const publisher = platform.open({
    id: 'a',
    platform: id,
    sandbox: true,
    apiRoot,
    settings: platform.example.account,
  });
  const media = [picture()];
  const recipient = platform.recipients?.(channel)?.[0];
  const request = {
    deliveryId: 'd',
    post,
    part: 0,
    channel,
    media,
    uploads: [],
    earlier: [],
    ...(recipient === undefined ? {} : { recipient }),
  };
  return { publisher, request };
}

const call = () => ({ signal: AbortSignal.timeout(5_000) });

async function counts(id: string): Promise<Record<string, number>> {
  const answer = await fetch(`${sandbox.roots[id]}/_sandbox/requests`);
  return ((await answer.json()) as { counts: Record<string, number> }).counts;
}

describe('a picture', () => {
  it('goes to X with its description, before the post', async () => {
    const { publisher, request } = open('x');
    const uploads = (await publisher.upload?.(request, call())) ?? [];
    await publisher.send({ ...request, uploads }, call());
    await publisher.close();
    expect(sandbox.posts('x')[0]?.media[0]).toMatchObject({ mimeType: 'image/png', alt: request.media[0]?.alt });
    expect(await counts('x')).toEqual({ 'POST /2/media/upload': 1, 'POST /2/media/metadata': 1, 'POST /2/tweets': 1 });
  });

  it('goes to X without its description where that is refused', async () => {
    const { publisher, request } = open('x');
    const fault = { kind: 'refuse' as const, status: 400 };
    sandbox.setFaults('x', { rules: [{ on: 'any', path: '/media/metadata', skip: 0, fault }] });
    expect(await publisher.upload?.(request, call())).toHaveLength(1);
    await publisher.close();
  });

  it('is uploaded to WhatsApp once for many recipients, and again after a failure', async () => {
    const { publisher, request } = open('whatsapp', { mode: 'text' });
    sandbox.setFaults('whatsapp', {
      rules: [{ on: 'upload', skip: 0, times: 1, fault: { kind: 'error-before', status: 500 } }],
    });
    await expect(publisher.upload?.(request, call())).rejects.toMatchObject({ failure: 'unconfirmed' });
    const [one] = (await publisher.upload?.(request, call())) ?? [];
    expect(await publisher.upload?.(request, call())).toEqual([one]);
    await publisher.close();
    expect(await counts('whatsapp')).toEqual({ 'POST /media': 2 });
  });

  it('goes to Facebook with its description, and the text keeps its line breaks', async () => {
    const { publisher, request } = open('facebook');
    await publisher.send(request, call());
    await publisher.close();
    const [post] = sandbox.posts('facebook');
    expect(post?.media[0]?.alt).toBe(request.media[0]?.alt);
    expect(post?.text).toBe('Night train\n\nIt leaves at ten.\n\nIt arrives at six.');
  });
});
