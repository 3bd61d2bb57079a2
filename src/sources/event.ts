import { InputError } from '../core/errors.ts';
import type { CmsEvent } from '../core/source.ts';

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
export function eventOf(word: unknown, name: string, events: Readonly<Record<string, CmsEvent>> = {}): CmsEvent {
  if (word === undefined || word === null) return 'publish';
  const given = String(word);
  const event = Object.hasOwn(events, given) ? events[given] : eventIn(given);
  if (event) return event;
  throw new InputError(
    `${name}: nobody knows the event "${String(word).slice(0, 60)}". Name it under "events" of the source. Known: ${[...published, ...deleted, ...waiting].join(', ')}.`,
    { code: 'unknown-event', status: 422 },
  );
}

/** By the last known word in names such as `post.updated`, `entry.publish`, `wp_trash_post`. */
export function eventIn(word: string): CmsEvent | undefined {
  const words = word
    .trim()
    .toLowerCase()
    .split(/[.:/_\s]/);
  const known = words.findLast((one) => [published, deleted, waiting].some((list) => list.includes(one)));
  if (known === undefined) return undefined;
  return published.includes(known) ? 'publish' : deleted.includes(known) ? 'delete' : 'wait';
}
