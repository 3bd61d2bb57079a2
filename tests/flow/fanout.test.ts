import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { type IngestOptions, ingest } from '../../src/pipeline/ingest.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;
const numbers = Array.from({ length: 250 }, (_, index) => `+9639000${String(index).padStart(5, '0')}`);

beforeAll(async () => {
  at = await openInstallation((config) => {
    const channel = config.channels.find(({ platform }) => platform === 'whatsapp');
    if (channel) channel.settings = { ...channel.settings, recipients: numbers };
    return config;
  });
});
afterAll(() => at.close());
beforeEach(() => at.sandbox.setFaults('whatsapp', {}));

async function publish(options: IngestOptions = {}, timeoutMs = 30_000) {
  const draft = draftArticle();
  const { deliveries } = await ingest(at.runtime.ingest, draft, { channels: ['whatsapp-ar'], ...options });
  const [delivery] = await follow(
    at.runtime,
    deliveries.map(({ id }) => id),
    { timeoutMs },
  );
  return { draft, delivery: delivery as Delivery };
}

const postsOf = ({ title }: { title: string }) =>
  at.sandbox.posts('whatsapp').filter(({ text }) => text.includes(title));

describe('a list of more people than a few', () => {
  it('is one delivery, and everybody gets the message once', async () => {
    const { draft, delivery } = await publish();
    expect(delivery).toMatchObject({ state: 'published', held: false, attempts: 1 });
    expect(delivery.list).toMatchObject({ total: 250, isDone: true, held: 0, failures: [] });
    expect(delivery.list?.states.published).toBe(250);
    const targets = postsOf(draft).map(({ target }) => `+${target}`);
    expect(targets.sort()).toEqual(numbers);
  });
});
