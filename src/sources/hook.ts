import { InputError } from '../core/errors.ts';
import type { CmsEvent, SourceSetting } from '../core/source.ts';
import { readUtf8, withinLimit } from './article.ts';
import { toDraft } from './draft.ts';
import { eventOf } from './event.ts';
import { readJson } from './json.ts';
import { readMapped } from './mapping.ts';
import { timeOf } from './ninjs.ts';
import { maxDocumentBytes, type SourceDocument } from './source.ts';
import { readWordpress } from './wordpress.ts';

const deepest = 40;

/** What the body of a CMS's call says, by the kind of its source. Throws `InputError`. */
export function readHook(
  bytes: Uint8Array,
  setting: Extract<SourceSetting, { kind: 'wordpress' | 'webhook' }>,
  name: string,
): SourceDocument {
  const document = parse(readUtf8(bytes, name, maxDocumentBytes), name);
  if (setting.kind === 'wordpress') return withinLimit(readWordpress(document, name), name);
  const read = setting.map ? readMapped(document, setting, name) : readOwn(document, name, setting.events);
  return withinLimit(read, name);
}

function parse(text: string, name: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${name} is no JSON (${(error as Error).message.slice(0, 100)}).`, {
      code: 'bad-json',
      status: 400,
      cause: error,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depthOf(value) > deepest) {
    throw new InputError(`${name}: expected a JSON object, at most ${deepest} levels deep.`, {
      code: 'invalid',
      status: 422,
    });
  }
  return value;
}

function depthOf(value: unknown): number {
  let depth = 0;
  for (let level = [value]; level.length > 0 && depth <= deepest; depth += 1) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return depth;
}

/** An article as the API takes it, with `event` and `updatedAt` beside its keys. */
function readOwn(document: unknown, name: string, events: Record<string, CmsEvent> | undefined): SourceDocument {
  const { event: word, updatedAt: changed, ...article } = document as Record<string, unknown>;
  const event = eventOf(word, name, events);
  const key = [article.id, article.url].find((one): one is string => typeof one === 'string' && one !== '');
  if (event === 'delete') {
    if (key === undefined) {
      throw new InputError(`${name}: has neither "id" nor "url", so nobody knows which article is meant.`, {
        code: 'missing',
        status: 422,
      });
    }
    return { event, key };
  }
  if (event === 'wait') return { event, ...(key ? { key } : {}), reason: `its event is "${String(word)}"` };
  const updatedAt = timeOf(typeof changed === 'string' ? changed : undefined);
  if (changed !== undefined && updatedAt === undefined) {
    throw new InputError(`${name}: updatedAt: expected a time such as 2026-05-01T14:30:00+03:00.`, {
      code: 'invalid',
      status: 422,
    });
  }
  return {
    event,
    draft: toDraft(readJson(JSON.stringify(article), name), name),
    ...(key ? { key } : {}),
    ...(updatedAt ? { updatedAt } : {}),
  };
}
