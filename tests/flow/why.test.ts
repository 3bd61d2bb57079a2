import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { HistoryEntry } from '../../src/core/delivery.ts';
import type { Post } from '../../src/core/post.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import type { FaultPlanInput } from '../../src/sandbox/faults.ts';
import { configText, createFolder, json, withoutMarks } from '../support/command.ts';
import { executeHere } from '../support/execute.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

interface Story {
  article: { id: string };
  acceptedAt: string;
  deliveries: { id: string; channel: string; history: HistoryEntry[]; posts: Record<string, Post> }[];
}

let at: Installation;
let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;

beforeAll(async () => {
  at = await openInstallation((config) => {
    const [x] = config.channels.filter(({ id }) => id === 'x-ar');
    if (!x) throw new Error('no channel');
    return {
      ...config,
      channels: [...config.channels, { ...x, id: 'x-thread', settings: { ...x.settings, thread: 4 } }],
    };
  });
  folder = await createFolder();
  config = await folder.write('munadi.yaml', configText({ data: at.config.dataDir, timezone: 'Asia/Damascus' }));
});
afterAll(async () => {
  await at.close();
  await folder.remove();
});
afterEach(() => {
  for (const id of ['telegram', 'x']) at.sandbox.setFaults(id, {});
});

const munadi = (...args: string[]) => executeHere([...args, '--config', config]);

async function publish(channels: string[], rules: FaultPlanInput['rules'], platform = 'x', draft = draftArticle()) {
  at.sandbox.setFaults(platform, { rules });
  const { article, deliveries } = await ingest(at.runtime.ingest, draft, { channels });
  const ids = deliveries.map(({ id }) => id);
  return { draft, article, deliveries: await follow(at.runtime, ids, { timeoutMs: 20_000 }) };
}

/** A row of the story without its time. */
const rowsOf = (text: string) => text.split('\n').map((row) => row.slice(24));

describe('why', () => {
  it('tells each step in its order, with what was said and what came back', async () => {
    const { draft, deliveries } = await publish(['x-ar'], [{ times: 1, fault: { kind: 'reset-before' } }]);
    const [delivery] = deliveries;
    const { code, stdout, stderr } = await munadi('why', delivery?.id ?? '');
    expect([code, stderr]).toEqual([0, '']);
    const rows = rowsOf(stdout);
    const steps = [
      'accepted',
      'attempt 1: the post is sent',
      'the post may be live –',
      'x was asked, and does not show the post',
      'the post was not posted, and is to be tried again',
      'attempt 2: the post is sent',
      'with the same text as before',
      'the post is published:',
      delivery?.url ?? 'an address',
    ];
    const places = steps.map((step) => rows.findIndex((row) => row.startsWith(step)));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(stdout).toContain('times in Asia/Damascus');
    const hour = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'Asia/Damascus' });
    const accepted = stdout.split('\n').find((row) => row.endsWith('accepted'));
    const times = [Date.now(), Date.now() - 60_000].map((ms) => hour.format(ms));
    expect(times.some((time) => accepted?.includes(time))).toBe(true);
    // The text of the post stands once, at the right edge, as preview has it.
    const text = withoutMarks(stdout);
    const said = text.split('\n').filter((row) => row.startsWith('  │'));
    expect(
      said.some((row) => row.endsWith(draft.title.split(' ').slice(-1)[0] ?? '') || row.includes(draft.title)),
    ).toBe(true);
    const [first = ''] = said;
    expect(first).toMatch(/^ {2}│ {2,}\S/);
  });

  it('tells parts, and a decision by a person', async () => {
    const draft = draftArticle();
    draft.paragraphs = [
      'جلس المهندسون ثلاثة أشهر على طاولة واحدة مع سكان الحي ليختاروا معهم أنواع الأشجار، فكان الليمون أولها والجوز آخرها، ثم رسم التلاميذ خريطة الدروب بأقلام ملونة.',
      'ونقل العمال أربعين شاحنة من الحجر الأبيض من مقلع قريب، وبنوا بها سورا منخفضا يجلس عليه الزوار في المساء حين تهدأ حرارة النهار وتفتح النوافير ماءها البارد.',
      'أما ملعب الأطفال فقد صنعته ورشة نجارة صغيرة يعمل فيها ستة شبان، وقال كبيرهم إن الخشب كله من أشجار سقطت في عاصفة الشتاء الماضي قرب الجسر القديم.',
      'وتبدأ الحافلة رقم سبعة يوم الاثنين رحلاتها إلى البوابة الشرقية كل ربع ساعة، فيما تبقى البوابة الغربية مغلقة حتى ينتهي تعبيد الطريق المؤدي إلى السوق.',
    ];
    const refusal = { kind: 'refuse' as const, status: 403 };
    const rules: FaultPlanInput['rules'] = [
      { skip: 1, times: 1, fault: { kind: 'reset-after' } },
      { on: 'read', fault: refusal },
    ];
    const { deliveries } = await publish(['x-thread'], rules, 'x', draft);
    const [held] = deliveries;
    expect(held).toMatchObject({ state: 'unconfirmed', held: true, parts: [{}] });
    const before = (await munadi('why', held?.id ?? '')).stdout;
    expect(before).toContain('part 1 of ');
    expect(before).toContain(`resolve ${held?.id} --published URL`);
    expect(rowsOf(before).some((row) => row.startsWith('held since'))).toBe(true);

    const second = at.sandbox.posts('x').filter(({ replyTo }) => replyTo === held?.parts[0]?.remoteId)[0];
    expect((await munadi('resolve', held?.id ?? '', '--published', second?.id ?? '')).code).toBe(0);
    const [done] = await follow(at.runtime, [held?.id ?? ''], { timeoutMs: 20_000 });
    expect(done?.state).toBe('published');
    const { stdout } = await munadi('why', held?.id ?? '');
    const rows = rowsOf(stdout);
    const count = done?.parts.length ?? 0;
    expect(count).toBeGreaterThan(2);
    expect(rows).toContain(`part 1 of ${count} is published:`);
    expect(rows).toContain(done?.parts[0]?.url);
    expect(rows.join(' ')).toContain(`a person says: part 2 of ${count} is there: ${second?.id}`);
    expect(rows).toContain(`part ${count} of ${count} is published:`);
    expect(rows).toContain(done?.parts.at(-1)?.url);
    expect(stdout).not.toContain('held since');
  });

  it('gives programs the article, every delivery, its history and its posts', async () => {
    const { article, deliveries } = await publish(['x-ar', 'telegram-ar'], []);
    const story = json<Story>(await munadi('why', article.id, '--json'));
    expect(story.article.id).toBe(article.id);
    expect(Date.parse(story.acceptedAt)).toBeGreaterThan(Date.now() - 60_000);
    expect(story.deliveries.map(({ id }) => id)).toEqual(deliveries.map(({ id }) => id));
    for (const { history, posts, channel } of story.deliveries) {
      expect(history.map(({ event }) => event)).toEqual(['sending', 'published']);
      expect(posts[history[0]?.post ?? '']?.parts[0]?.text, channel).toContain(' ');
    }
    const [only] = deliveries;
    const one = json<Story>(await munadi('why', only?.id ?? '', '--json'));
    expect(one.deliveries.map(({ id }) => id)).toEqual([only?.id]);
  });

  it('tells what keeps it from going out', async () => {
    await at.runtime.pauses.pauseChannel('telegram-ar', 'نقل القناة');
    await at.runtime.pauses.pauseAccount('x-main', 'the key is refused');
    const { article } = await publish(['telegram-ar', 'x-ar', 'facebook-ar'], []);
    const { stdout } = await munadi('why', article.id);
    await at.runtime.pauses.resume('channel', 'telegram-ar');
    await at.runtime.pauses.resume('account', 'x-main');
    expect(stdout).toContain('channel telegram-ar rests – نقل القناة');
    expect(stdout).toContain('account x-main rests – the key is refused');
    expect(stdout.match(/ rests /g)).toHaveLength(2);
  });

  it('wants a name that is known', async () => {
    expect((await munadi('why')).code).toBe(2);
    expect(await munadi('why', 'nothing-here')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing-here'),
    });
  });
});
