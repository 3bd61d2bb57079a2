import { InputError } from '../core/errors.ts';

const published = [
  'publish',
  'published',
  'create',
  'created',
  'insert',
  'inserted',
  'update',
  'updated',
  'edit',
  'edited',
  'live',
];
const deleted = [
  'delete',
  'deleted',
  'trash',
  'trashed',
  'unpublish',
  'unpublished',
  'remove',
  'removed',
  'retract',
  'retracted',
  'archive',
  'archived',
];
const waiting = ['draft', 'auto-draft', 'pending', 'future', 'scheduled', 'private', 'withheld', 'inherit'];

/** What a word of a CMS for an event, or for the state of an article, means. Throws `InputError` (`unknown-event`) for others. */
export function eventOf(word: unknown, name: string): 'publish' | 'delete' | 'wait' {
  if (word === undefined || word === null) return 'publish';
  // Such as `post.updated`, `entry.publish`, `post_delete`.
  const last =
    String(word)
      .trim()
      .toLowerCase()
      .split(/[.:/_\s]/)
      .at(-1) ?? '';
  if (published.includes(last)) return 'publish';
  if (deleted.includes(last)) return 'delete';
  if (waiting.includes(last)) return 'wait';
  throw new InputError(
    `${name}: nobody knows the event "${String(word).slice(0, 60)}". Known: ${[...published, ...deleted, ...waiting].join(', ')}.`,
    { code: 'unknown-event', status: 422 },
  );
}
