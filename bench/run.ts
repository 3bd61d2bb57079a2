// npm run bench [-- NAME…] [--json] [--deliveries N] [--rounds N]: every row beside its baseline of the same run.
import { parseArgs } from 'node:util';
import { openGround } from './ground.ts';
import type { Row } from './measure.ts';
import { benchBare, benchLatency, benchThroughput } from './pipeline.ts';

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean' },
    deliveries: { type: 'string', default: '4000' },
    rounds: { type: 'string', default: '2' },
  },
  allowPositionals: true,
});
const size = { deliveries: Number(values.deliveries), rounds: Number(values.rounds) };
const wanted = (name: string) => positionals.length === 0 || positionals.some((part) => name.startsWith(part));

const ground = await openGround();
const rows: Row[] = [];
try {
  const groups: [string, () => Promise<Row[]>][] = [
    ['pipeline-throughput', () => benchThroughput(ground, size)],
    ['pipeline-vs-bare', () => benchBare(ground, size)],
    ['latency-idle', () => benchLatency(ground, { articles: 200 })],
  ];
  for (const [name, run] of groups) {
    if (!wanted(name)) continue;
    console.error(`${name} …`);
    rows.push(...(await run()));
  }
} finally {
  await ground.close();
}
if (values.json) console.log(JSON.stringify(rows));
else {
  for (const { name, value, unit, baseline, ratio, details } of rows) {
    const beside = baseline === null ? '' : `, baseline ${baseline}, ratio ${ratio}`;
    console.log(`${name}: ${value} ${unit}${beside}`);
    if (details)
      console.log(
        `    ${Object.entries(details)
          .map(([what, number]) => `${what}: ${number}`)
          .join(', ')}`,
      );
  }
}
process.exit(0);
