import type { SandboxPost } from '../../../src/sandbox/index.ts';
import type { Installation } from '../faults/installation.ts';
import type { Ledger, Row } from './ledger.ts';
import { targetOf } from './topology.ts';
import { editionsIn } from './words.ts';

/** What a person sees who looks for a delivery in doubt where it should be: the message, or nothing. */
export function lookFor(row: Row, { rows, stories }: Ledger, posts: readonly SandboxPost[]): SandboxPost | undefined {
  const recorded = new Set(rows.flatMap(({ parts }) => parts));
  const story = stories.get(row.article);
  const { target } = targetOf(row);
  const edition = story?.editions.get(row.version);
  return posts.find((post) => {
    if (post.target !== target || post.removed || recorded.has(post.id)) return false;
    if (post.opaque !== undefined) return post.opaque === row.id;
    return editionsIn(post.text).some(
      (one) => story?.numbers.includes(one.article) && (edition === undefined || one.edition === edition),
    );
  });
}

/** Settles all that is held by what the platforms truly show. Resolves to how many there were. */
export async function settleHeld(
  { address }: Pick<Installation, 'address'>,
  ledger: Ledger,
  posts: Readonly<Record<string, readonly SandboxPost[]>>,
): Promise<number> {
  const held = ledger.rows.filter((row) => row.held);
  for (const row of held) {
    const live = lookFor(row, ledger, posts[row.platform] ?? []);
    const answer = await fetch(`${address}/api/deliveries/${row.id}/resolve`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(live ? { published: true, url: live.id } : { published: false }),
    });
    // A status may have come in between.
    if (!answer.ok && answer.status !== 409) {
      throw new Error(`What a person says of ${row.id} is refused: ${await answer.text()}`);
    }
  }
  return held.length;
}
