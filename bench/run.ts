// npm run bench [-- NAME…] [--json] [--deliveries N] [--rounds N] [--gold FILE…] [--file PAIRS…] [--seen N] [--people N]: rows beside baselines of the same run.
import { parseArgs } from 'node:util';
import { benchCompose } from './compose.ts';
import { type Ground, openGround } from './ground.ts';
import { benchLedgerBytes, benchLedgerCost } from './ledger.ts';
import { benchLimiterCheck } from './limits.ts';
import type { Row } from './measure.ts';
import { benchNearPairs, benchNearStore } from './near/index.ts';
import { benchBare, benchLatency, benchThroughput } from './pipeline.ts';
import { benchSubscribers } from './subscribers.ts';
import { benchMeasureX, benchSentences } from './text.ts';

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean' },
    deliveries: { type: 'string', default: '4000' },
    rounds: { type: 'string', default: '2' },
    file: { type: 'string', multiple: true, default: [] },
    seen: { type: 'string', default: '1000000' },
    people: { type: 'string', default: '1000000' },
    gold: { type: 'string', multiple: true, default: [] },
  },
  allowPositionals: true,
});
const size = { deliveries: Number(values.deliveries), rounds: Number(values.rounds) };
const wanted = (name: string) => positionals.length === 0 || positionals.some((part) => name.startsWith(part));

let opened: Promise<Ground> | undefined;
const ground = () => {
  opened ??= openGround();
  return opened;
};
const groups: [string, () => Row[] | Promise<Row[]>][] = [
  ['measure-x', benchMeasureX],
  ['sentences', () => benchSentences(values.gold)],
  ['compose-article', benchCompose],
  ['near-pairs', () => benchNearPairs(values.file)],
  ['near-store', async () => benchNearStore(await ground(), Number(values.seen))],
  ['pipeline-throughput', async () => benchThroughput(await ground(), size)],
  ['pipeline-vs-bare', async () => benchBare(await ground(), size)],
  ['limiter-check', async () => benchLimiterCheck(await ground())],
  ['ledger-cost', async () => benchLedgerCost(await ground(), size)],
  ['ledger-bytes', async () => benchLedgerBytes(await ground())],
  ['subscribers', async () => benchSubscribers(await ground(), Number(values.people))],
  ['latency-idle', async () => benchLatency(await ground(), { articles: 200 })],
];
const rows: Row[] = [];
try {
  for (const [name, run] of groups) {
    if (!wanted(name)) continue;
    console.error(`${name} …`);
    rows.push(...(await run()));
  }
} finally {
  await (await opened)?.close();
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
