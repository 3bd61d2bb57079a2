import { escapeHtml } from '../text/escape.ts';
import type { Asked } from './approvals.ts';
import { configLines } from './config-state.ts';
import { feedLine } from './feeds.ts';
import { listWords, shareDone } from './list-words.ts';
import {
  type Desk,
  decisionCommands,
  deletionCommands,
  type HeldDelivery,
  inDoubtSince,
  retryCommand,
  settleCommands,
  type TitledDelivery,
} from './state.ts';

/** The desk: what is held, what waits, what failed, what went out. One page without scripts. */
export function renderDesk({ overview, file, asked, waiting, held, asking, failed, published }: Desk): string {
  const counts = Object.entries(overview.deliveries)
    .map(([name, count]) => `<div class="count ${name}"><b>${count}</b><span>${name}</span></div>`)
    .join('');
  const working = overview.processes.map(
    ({ roles, pid, host }) =>
      `<p>${escapeHtml(roles.join(', '))} <small>process ${pid} on ${escapeHtml(host)}</small></p>`,
  );
  const paused = overview.paused.map(
    ({ kind, id, reason }) => `<p><b>${kind} ${escapeHtml(id)}</b> <bdi>${escapeHtml(reason)}</bdi></p>`,
  );
  const sandbox = Object.entries(overview.sandbox ?? {}).map(([platform, root]) => link(root, platform));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="10">
<title>Munadi</title><style>${style}</style></head><body>
<header><h1>Munadi <span lang="ar" dir="rtl">منادي</span></h1>${sandbox.length > 0 ? `<nav>Sandbox: ${sandbox.join(' ')}</nav>` : ''}</header>
<main>${heldList(held, overview.unconfirmed.held, file)}
${askedList(asked, file)}
${deletionList(overview.deletions, file)}
<section class="counts">${counts}</section>
${paused.length > 0 ? `<section class="bad"><h2>Paused</h2>${paused.join('')}</section>` : ''}
${configList(overview)}
${list('Being settled with the platform: may be live', asking)}
${list('Not posted', failed, retryHint(file))}
${list('Waiting', waiting)}
${list('Published', published)}
${feedList(overview.feeds)}
<section><h2>Working</h2>${working.join('') || '<p>Nothing is running.</p>'}</section>
</main></body></html>`;
}

function configList({ config }: Desk['overview']): string {
  const lines = configLines(config).map((line) => `<p><bdi>${escapeHtml(line)}</bdi></p>`);
  return lines.length === 0 ? '' : `<section class="bad"><h2>Configuration</h2>${lines.join('')}</section>`;
}

/** First on the page: only a person can settle these. */
function heldList(held: HeldDelivery[], count: number, file: string): string {
  if (held.length === 0) return '';
  const more = count > held.length ? `<p>and ${count - held.length} more</p>` : '';
  return `<section class="bad"><h2>Held: may be live, waiting for a person (${count})</h2>
<p>Look at the channel. Then run one of the two commands in Munadi's folder.</p>
${held.map((delivery) => heldCard(delivery, file)).join('\n')}${more}</section>`;
}

function heldCard(delivery: HeldDelivery, file: string): string {
  const { id, title, direction, text, part, partCount, failure } = delivery;
  const { published, notPublished } = settleCommands(id, file);
  const which = partCount > 1 ? ` · part ${part + 1} of ${partCount}` : '';
  return `<article><h3 dir="${direction}">${escapeHtml(title)}</h3>
<p>${placeOf(delivery)} ${markOf(delivery)}${which} · since <time>${escapeHtml(inDoubtSince(delivery))}</time> · <bdi>${escapeHtml(failure?.reason ?? '')}</bdi></p>
${text === null ? '' : `<blockquote dir="auto">${escapeHtml(text)}</blockquote>`}
<p>It is there: <code class="copy">${escapeHtml(published)}</code></p>
<p>It is not there: <code class="copy">${escapeHtml(notPublished)}</code></p></article>`;
}

/** Posts that only a person lets go. */
function askedList(asked: Asked[], file: string): string {
  if (asked.length === 0) return '';
  const cards = asked.map((one) => {
    const { yes, no } = decisionCommands(one.deliveries.length === 1 ? String(one.deliveries[0]) : one.article, file);
    const people = one.people === null ? '' : ` · ${one.people} ${one.people === 1 ? 'person' : 'people'}`;
    const cost = one.cost > 0 ? ` · costs ${one.cost.toFixed(2)}` : '';
    const end = one.expiresAt === null ? '' : ` · until <time>${escapeHtml(one.expiresAt)}</time>`;
    const texts = one.texts.map((text) => `<blockquote dir="auto">${escapeHtml(text)}</blockquote>`).join('');
    const problem = one.problem === undefined ? '' : `<p><bdi>${escapeHtml(one.problem)}</bdi></p>`;
    return `<article><h3 dir="${one.direction}">${escapeHtml(one.title)}</h3>
<p>${escapeHtml(one.channel)} ${markOf(one)}${people}${cost}${end}</p>${texts}${problem}
<p>Yes: <code class="copy">${escapeHtml(yes)}</code></p><p>No: <code class="copy">${escapeHtml(no)}</code></p></article>`;
  });
  return `<section><h2>Waiting for a person to say yes</h2>${cards.join('\n')}</section>`;
}

/** What is live, and gone at its source. */
function deletionList(deletions: Desk['overview']['deletions'], file: string): string {
  if (deletions.length === 0) return '';
  const cards = deletions.map(({ article, title, direction, source, reason, at }) => {
    const { retract, keep } = deletionCommands(article, file);
    return `<article><h3 dir="${direction}">${escapeHtml(title)}</h3>
<p>${escapeHtml(source)} · <time>${escapeHtml(at)}</time> · <bdi>${escapeHtml(reason)}</bdi></p>
<p>Take it away: <code class="copy">${escapeHtml(retract)}</code></p><p>Leave it: <code class="copy">${escapeHtml(keep)}</code></p></article>`;
  });
  return `<section class="bad"><h2>Gone at their source</h2>${cards.join('\n')}</section>`;
}

function feedList(feeds: Desk['overview']['feeds']): string {
  if (feeds.length === 0) return '';
  const lines = feeds.map((one) => `<p><bdi>${escapeHtml(feedLine(one))}</bdi></p>`);
  return `<section><h2>Feeds</h2>${lines.join('')}</section>`;
}

function retryHint(file: string): string {
  const [one, all] = ['ID', '--failed'].map((id) => `<code class="copy">${escapeHtml(retryCommand(id, file))}</code>`);
  return `<p>To send one again, after what kept it back is put right: ${one}. All of them: ${all}.</p>`;
}

function list(title: string, deliveries: TitledDelivery[], hint = ''): string {
  if (deliveries.length === 0) return '';
  return `<section><h2>${title}</h2>${hint}<table>${deliveries.map(row).join('')}</table></section>`;
}

function row(delivery: TitledDelivery): string {
  const { id, act, state, failure, receipt, dueAt, title, direction } = delivery;
  const what = act === undefined ? state : `${act}: ${state}`;
  const time = receipt?.at ?? failure?.at ?? dueAt;
  return `<tr><td dir="${direction}">${escapeHtml(title)}</td><td>${placeOf(delivery)}</td><td>${markOf(delivery)}</td><td>${what}</td><td>${outcome(delivery)}</td><td>${escapeHtml(time)}</td><td><code>${escapeHtml(id)}</code></td></tr>`;
}

function placeOf({ channel, recipient }: TitledDelivery): string {
  return `${escapeHtml(channel)}${recipient ? ` <bdi>${escapeHtml(recipient)}</bdi>` : ''}`;
}

function markOf({ sandbox }: Pick<TitledDelivery, 'sandbox'>): string {
  return sandbox ? '<em class="sandbox">SANDBOX</em>' : '<em class="live">LIVE</em>';
}

function outcome({ url, failure, list: people }: TitledDelivery): string {
  if (people) {
    const bar = people.isDone ? '' : `<progress max="1" value="${shareDone(people).toFixed(3)}"></progress> `;
    return `${bar}${escapeHtml(listWords(people))}`;
  }
  return url ? link(url, url) : `<bdi>${escapeHtml(failure?.reason ?? '')}</bdi>`;
}

/** Only web addresses: what a platform answers must not become a script. */
function link(url: string, text: string): string {
  if (!/^https?:\/\//i.test(url)) return escapeHtml(text);
  return `<a href="${escapeHtml(url).replaceAll('"', '&quot;')}" rel="noreferrer">${escapeHtml(text)}</a>`;
}

const style = `
:root{color-scheme:light dark;--line:#8884;--accent:#0f766e}
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,"Noto Sans Arabic",sans-serif}
header{display:flex;justify-content:space-between;align-items:center;padding:12px 24px;background:var(--accent);color:#fff}header a{color:#fff;margin-inline-start:8px}
h1{font-size:22px;margin:0}h2{font-size:16px;margin:0 0 8px}main{max-width:1100px;margin:0 auto;padding:24px}
section{border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin-bottom:16px;overflow-x:auto}
.counts{display:flex;flex-wrap:wrap;gap:8px;border:0;padding:0}.count{flex:1 1 90px;border:1px solid var(--line);border-radius:10px;padding:10px;text-align:center}
.count b{display:block;font-size:22px}.count span{opacity:.7;font-size:13px}.bad{border-color:#dc2626}
table{border-collapse:collapse;width:100%}td{padding:5px 10px 5px 0;border-top:1px solid var(--line);vertical-align:top;font-size:13.5px;overflow-wrap:anywhere}
em{font-style:normal;font-size:11px;font-weight:700;padding:2px 6px;border-radius:6px;color:#fff}.sandbox{background:#b45309}.live{background:#15803d}code{font-size:12px;opacity:.7}
article{border-top:1px solid var(--line);padding:10px 0}article p{margin:6px 0}h3{font-size:15px;margin:0}
blockquote{margin:8px 0;padding:8px 12px;border-inline-start:3px solid var(--line);white-space:pre-wrap;unicode-bidi:plaintext;overflow-wrap:anywhere}
.copy{opacity:1;user-select:all;overflow-wrap:anywhere;border:1px solid var(--line);border-radius:6px;padding:2px 6px}
`;
