/** The style sheet of the preview page: light and dark, wide and narrow, screen and paper. */
export const previewStyle = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f7; --card: #fff; --ink: #15191f; --soft: #5b6570; --line: #dde1e6; --link: #0b63bd; --note: #8a4b00; --note-ground: #fff4e0; --over: #b3261e; --fill: #2f7d4f;
  --tg-wall: #cfe0c9; --tg-bubble: #fff; --tg-link: #1b73b5; --x-ground: #fff; --x-link: #146fb5;
  --wa-wall: #efe7dd; --wa-bubble: #fff; --wa-link: #027eb5; --fb-ground: #fff; --fb-strip: #f0f2f5; --fb-link: #0a5fd0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --card: #161b22; --ink: #e7ebf0; --soft: #9ba6b2; --line: #2b323b; --link: #6db3f6; --note: #ffcf85; --note-ground: #33270f; --over: #ff8a80; --fill: #5ec487;
    --tg-wall: #101d26; --tg-bubble: #1c2b39; --tg-link: #6db9f1; --x-ground: #0b0d0f; --x-link: #5caaeb;
    --wa-wall: #0b141a; --wa-bubble: #202c33; --wa-link: #53bdeb; --fb-ground: #1f2123; --fb-strip: #2b2d30; --fb-link: #7ab0ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.6 "Segoe UI", "SF Arabic", "Noto Sans Arabic", "Geeza Pro", Tahoma, "DejaVu Sans", system-ui, sans-serif; }
h1, h2, h3, p, ul, ol { margin: 0; }
a { color: var(--link); text-decoration: none; overflow-wrap: anywhere; } a:hover { text-decoration: underline; }
header, section { padding: 20px clamp(12px, 3vw, 40px); max-width: 1760px; margin: 0 auto; }
header { padding-bottom: 4px; } header p, .facts { color: var(--soft); }
h1 { font-size: 22px; line-height: 1.3; }
h2 { font-size: 20px; line-height: 1.5; text-align: start; overflow-wrap: anywhere; }
nav ol { margin-top: 10px; padding-inline-start: 26px; } nav li { padding: 2px 0; } nav small { color: var(--soft); }
.facts { font-size: 13px; overflow-wrap: anywhere; } .facts code { font: inherit; }
section + section { border-top: 1px solid var(--line); }
.none { margin-top: 12px; padding: 20px; border: 1px dashed var(--line); border-radius: 12px; color: var(--soft); text-align: center; }
.board { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 18px; align-items: start; margin-top: 14px; }
.card { min-width: 0; border: 1px solid var(--line); border-radius: 14px; overflow: hidden; background: var(--card); }
h3 { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; padding: 9px 14px; font-size: 14px; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.mark { padding: 0 8px; border-radius: 6px; color: #fff; background: #56606b; font-size: 12.5px; }
.telegram .mark { background: #1d7fb8; } .x .mark { background: #16191d; } .whatsapp .mark { background: #0f7a5c; } .facebook .mark { background: #1460d8; }
.badge { margin-inline-start: auto; padding: 0 7px; border-radius: 4px; font: 700 10.5px/18px ui-monospace, Menlo, Consolas, monospace; letter-spacing: .05em; color: var(--note); background: var(--note-ground); }
.badge.live { color: #fff; background: var(--over); }
.wall { padding: 12px; }
.part { position: relative; } .part + .part { margin-top: 10px; }
.number { display: block; padding: 2px 4px 0; font-size: 11.5px; color: var(--soft); text-align: end; }
.said p { white-space: pre-wrap; overflow-wrap: anywhere; text-align: start; } .said .gap { height: .8em; }
.said q { quotes: none; border-inline-start: 3px solid currentColor; padding-inline-start: 8px; } .said mark { background: color-mix(in srgb, currentColor 16%, transparent); color: inherit; }
.fold { display: block; margin: 4px 0; border-top: 1px dashed var(--soft); font-size: 11px; line-height: 16px; color: var(--soft); text-align: end; }
.avatar { flex: none; width: 40px; height: 40px; border-radius: 50%; display: grid; place-items: center; font-size: 19px; font-weight: 700; color: #fff; background: linear-gradient(145deg, #c2553f, #8c2f4b); }
.name { line-height: 1.35; overflow-wrap: anywhere; }
.picture { display: grid; place-items: center; align-content: center; gap: 4px; min-height: 150px; padding: 14px; text-align: center; font-size: 13px; color: var(--soft); background: color-mix(in srgb, var(--soft) 14%, transparent); overflow-wrap: anywhere; }
.picture small { font-size: 11px; } .picture .frame { width: 40px; height: 28px; border: 2px solid currentColor; border-radius: 5px; background: linear-gradient(135deg, transparent 60%, currentColor 61%); opacity: .6; }
.link-card { overflow-wrap: anywhere; } .link-card small { display: block; font-size: 12px; color: var(--soft); } .link-card b { display: block; font-size: 14px; line-height: 1.45; }
.clock { display: block; text-align: right; font-size: 11px; line-height: 14px; color: var(--soft); }
.acts { display: flex; justify-content: space-between; color: var(--soft); }

.telegram .wall { background: var(--tg-wall); }
.telegram .bubble { display: block; max-width: 520px; background: var(--tg-bubble); border-radius: 13px 13px 13px 4px; overflow: hidden; padding-bottom: 6px; box-shadow: 0 1px 2px rgb(0 0 0 / .16); }
.telegram .name { display: block; padding: 7px 12px 3px; color: var(--tg-link); font-size: 13.5px; }
.telegram .said { padding: 4px 12px 2px; } .telegram .said a, .telegram .tag { color: var(--tg-link); } .telegram .clock { padding: 0 12px; }
.telegram .link-card { margin: 5px 12px; padding: 5px 10px; border-inline-start: 3px solid var(--tg-link); border-radius: 5px; background: color-mix(in srgb, var(--tg-link) 9%, transparent); } .telegram .link-card small { color: var(--tg-link); font-weight: 600; }

.x .wall { background: var(--x-ground); }
.x .tweet { display: grid; grid-template-columns: 40px minmax(0, 1fr); gap: 0 11px; }
.x .part + .part .tweet::before { content: ""; position: absolute; top: -14px; height: 14px; width: 2px; margin-inline-start: 19px; background: var(--line); }
.x .avatar { background: linear-gradient(145deg, #2d3a4a, #0f1419); }
.x .said a, .x .tag { color: var(--x-link); }
.x .picture, .x .link-card { margin-top: 9px; border: 1px solid var(--line); border-radius: 15px; overflow: hidden; }
.x .link-card b { padding: 34px 12px 6px; background: color-mix(in srgb, var(--soft) 13%, transparent); } .x .link-card { display: flex; flex-direction: column-reverse; } .x .link-card small { padding: 3px 12px 5px; }
.x .acts { max-width: 380px; padding-top: 6px; }

.whatsapp .wall { background: var(--wa-wall); }
.whatsapp .bubble { max-width: 430px; background: var(--wa-bubble); border-radius: 3px 11px 11px 11px; padding: 4px; box-shadow: 0 1px 1px rgb(0 0 0 / .14); }
.whatsapp .said { padding: 3px 8px 0; } .whatsapp .said a { color: var(--wa-link); } .whatsapp .clock { padding: 0 8px 3px; }
.whatsapp .picture { border-radius: 8px; } .whatsapp .link-card { padding: 7px 10px; border-radius: 8px; background: color-mix(in srgb, var(--soft) 13%, transparent); }

.facebook .wall { background: var(--ground); }
.facebook .page-post { background: var(--fb-ground); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.facebook .name { display: flex; gap: 10px; align-items: center; padding: 10px 13px 4px; } .facebook .name small { display: block; color: var(--soft); font-size: 12px; } .facebook .avatar { background: linear-gradient(145deg, #1460d8, #0b3c91); }
.facebook .said { padding: 4px 13px 10px; } .facebook .said a, .facebook .tag { color: var(--fb-link); }
.facebook .link-card { padding: 8px 13px; background: var(--fb-strip); border-top: 1px solid var(--line); } .facebook .link-card small { text-transform: uppercase; }
.facebook .acts { justify-content: space-around; padding: 6px; border-top: 1px solid var(--line); font-size: 13px; font-weight: 600; direction: ltr; }
.other .bubble { padding: 8px 12px; border: 1px solid var(--line); border-radius: 10px; }

.under { padding: 10px 14px 12px; border-top: 1px solid var(--line); font-size: 13px; }
.measure { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 8px; font-variant-numeric: tabular-nums; }
.bar { flex: none; width: 110px; height: 6px; border-radius: 3px; background: var(--line); overflow: hidden; } .bar i { display: block; height: 100%; background: var(--fill); }
.near .bar i { background: var(--note); } .over { color: var(--over); font-weight: 700; } .over .bar i { background: var(--over); }
.beside { color: var(--soft); overflow-wrap: anywhere; }
.list { margin-top: 7px; } .list ul { padding: 0 18px; } .list li { overflow-wrap: anywhere; }
.notes { padding: 6px 10px; border-radius: 8px; color: var(--note); background: var(--note-ground); }
@media print {
  body { background: #fff; } header, section { padding-inline: 0; } section + section { break-before: page; border: 0; }
  .card { break-inside: avoid; } .board { grid-template-columns: 1fr 1fr; } .wall, .mark, .bar, .bar i, .avatar { print-color-adjust: exact; }
}
`;
