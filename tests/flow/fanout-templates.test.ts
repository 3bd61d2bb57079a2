import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeTemplateEvents } from '../../src/pipeline/template-events.ts';
import { platforms } from '../../src/platforms/index.ts';
import { crowd, type ListStage, openListStage } from '../support/list-stage.ts';

const count = 200;
let at: ListStage;
beforeAll(async () => {
  at = await openListStage();
  await at.people(crowd(count));
  await at.work();
});
afterAll(() => at.close());

describe('a template that is paused while it goes to a list', () => {
  const put = (status: string) =>
    fetch(`${at.sandbox.roots.whatsapp}/_sandbox/templates`, {
      method: 'PUT',
      body: JSON.stringify({ name: 'news', language: 'ar', status }),
    });

  it('holds the list, loses nobody, and goes on where it was once it is approved', async () => {
    at.sandbox.setFaults('whatsapp', { rules: [{ fault: { kind: 'delay', ms: 100 } }] });
    const { id, title } = await at.accept();
    await at.until(id, ({ list }) => (list?.states.published ?? 0) >= 20);
    await put('PAUSED');
    for (let paused = ''; paused !== 'whatsapp-ar'; ) paused = (await at.runtime.pauses.list())[0]?.id ?? '';
    const { list } = await at.until(id, ({ list: now }) => now?.states.sending === 0);
    expect(list?.states).toMatchObject({ rejected: 0, discarded: 0, unconfirmed: 0 });
    expect(at.posts(title).length).toBeLessThan(count);
    at.sandbox.setFaults('whatsapp', {});
    await put('APPROVED');
    const platform = platforms.whatsapp as (typeof platforms)[string];
    const { pauses, config } = at.runtime;
    const approved = { kind: 'template' as const, business: '200000000000001', name: 'news', language: 'ar' };
    await takeTemplateEvents({ platform, pauses, accounts: () => config.accounts, channels: () => config.channels }, [
      { ...approved, status: 'APPROVED', atMs: Date.now() + 5_000 },
    ]);
    const done = await at.done(id);
    expect(done.list?.states.published).toBe(count);
    const targets = at.posts(title).map(({ target }) => target);
    expect(targets.sort()).toEqual(Object.keys(crowd(count)));
  }, 60_000);
});
