import type { Redis } from 'ioredis';
import type { RecordFields } from './records.ts';

/** The stored deliveries among `ids`, in that order. */
export async function readRecords(
  redis: Redis,
  prefix: string,
  ids: readonly string[],
): Promise<[string, RecordFields][]> {
  if (ids.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hgetall(`${prefix}:delivery:${id}`);
  const answers = (await pipeline.exec()) ?? [];
  const rows: [string, RecordFields][] = [];
  for (const [index, [error, record]] of answers.entries()) {
    if (error) throw error;
    const fields = record as RecordFields;
    if (fields.state) rows.push([ids[index] as string, fields]);
  }
  return rows;
}
