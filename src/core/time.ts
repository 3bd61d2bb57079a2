/** A time in ISO 8601 with offset (`Z`, `+03:00`) as epoch ms; undefined where the text is none, such as 30 February. */
export function readTime(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const ms = match ? Date.parse(text) : Number.NaN;
  // JavaScript takes the 30th of February for the 2nd of March.
  const isDay = new Date(`${match?.[1]}T00:00Z`).toJSON()?.slice(0, 10) === match?.[1];
  return Number.isNaN(ms) || !isDay ? undefined : ms;
}
