import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = resolve(import.meta.dirname, '../../../src/store');
const scripts = readdirSync(folder)
  .filter((name) => name.endsWith('.lua'))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

describe('scripts', () => {
  it('ask for the time in one place, where a simulation puts its own', () => {
    const asking = scripts.flatMap(({ name, text }) =>
      [...text.matchAll(/\bTIME\b|os\.(time|clock|date)/g)].map(() => name),
    );
    // No simulation runs the ticks of schedules.
    expect(asking.toSorted()).toEqual(['state-lists.lua', 'tick-records.lua']);
    expect(scripts.find(({ name }) => name === 'state-lists.lua')?.text).toContain("redis.call('TIME')");
  });
});
