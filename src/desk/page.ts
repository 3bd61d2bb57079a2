import type { Delivery } from '../core/delivery.ts';
import { escapeHtml } from '../text/escape.ts';
import type { Overview } from './state.ts';

/** The desk: what waits, what is held, what failed, what went out. One page without scripts. */
export function renderDesk(state: Overview, published: Delivery[]): string {
  const counts = Object.entries(state.deliveries)
    .map(([name, count]) => `<div class="count ${name}"><b>${count}</b><span>${name}</span></div>`)
    .join('');
  const working = state.processes.map(
    ({ roles, pid, host }) => `${roles.join(', ')} <small>process ${pid} on ${escapeHtml(host)}</small>`,
  );
  const sandbox = state.sandbox
    ? Object.entries(state.sandbox).map(
        ([platform, root]) => `<a href="${attribute(root)}">${escapeHtml(platform)}</a>`,
      )
    : [];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="10">
<title>Munadi</title><style>${style}</style></head><body>
<header><h1>Munadi <span lang="ar" dir="rtl">منادي</span></h1>${sandbox.length > 0 ? `<nav>Sandbox: ${sandbox.join(' ')}</nav>` : ''}</header>
<main><section class="counts">${counts}</section>
${state.paused.length > 0 ? `<section class="bad"><h2>Paused</h2>${state.paused.map(({ kind, id, reason }) => `<p><b>${kind} ${escapeHtml(id)}</b> ${escapeHtml(reason)}</p>`).join('')}</section>` : ''}
${list('Held: may be live, waiting for a person', state.held)}
${list('Not posted', state.failed)}
${list('Published', published)}
<section><h2>Working</h2>${working.length > 0 ? working.map((line) => `<p>${line}</p>`).join('') : '<p>Nothing is running.</p>'}</section>
</main></body></html>`;
}

function list(title: string, deliveries: Delivery[]): string {
  if (deliveries.length === 0) return '';
  const rows = deliveries.map(
    ({ id, channel, recipient, sandbox, state, url, failure, receipt }) =>
      `<tr><td>${escapeHtml(channel)}${recipient ? ` <bdi>${escapeHtml(recipient)}</bdi>` : ''}</td><td><em class="${sandbox ? 'sandbox' : 'live'}">${sandbox ? 'SANDBOX' : 'LIVE'}</em></td><td>${state}</td><td>${
        url ? `<a href="${attribute(url)}">${escapeHtml(url)}</a>` : `<bdi>${escapeHtml(failure?.reason ?? '')}</bdi>`
      }</td><td>${receipt?.at ?? failure?.at ?? ''}</td><td><code>${id}</code></td></tr>`,
  );
  return `<section><h2>${title}</h2><table>${rows.join('')}</table></section>`;
}

function attribute(text: string): string {
  return escapeHtml(text).replaceAll('"', '&quot;');
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
`;
