/** The pages' whole style sheet: light and dark, one block a platform. Nothing is loaded from anywhere. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f6; --card: #fff; --ink: #14181f; --soft: #5c6672; --line: #dfe3e8; --link: #0b66c3; --badge: #8a5300; --badge-ground: #fff1d6;
  --telegram: #2a9ad6; --x: #0f1419; --whatsapp: #128c6b; --facebook: #1464e0;
  --tg-wall-a: #d7e6cf; --tg-wall-b: #b9d3bf; --tg-bubble: #fff; --tg-link: #1a72b4;
  --wa-wall: #efe7dd; --wa-bubble: #fff; --wa-ink: #111b21; --wa-head: #128c6b;
  --x-ground: #fff; --x-link: #1670b8; --fb-ground: #fff; --fb-strip: #f0f2f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --card: #171c23; --ink: #e8ecf1; --soft: #9aa5b1; --line: #2a313a; --link: #6cb3f5; --badge: #ffcf7d; --badge-ground: #3a2c10;
    --telegram: #4db2e8; --x: #e7e9ea; --whatsapp: #2fc79b; --facebook: #5e9bff;
    --tg-wall-a: #10202b; --tg-wall-b: #0c1820; --tg-bubble: #1b2a38; --tg-link: #6cb8f0;
    --wa-wall: #0b141a; --wa-bubble: #202c33; --wa-ink: #e9edef; --wa-head: #1f2c33;
    --x-ground: #0b0d0f; --x-link: #5aa9ea; --fb-ground: #1f2123; --fb-strip: #2b2d30;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.6 "Segoe UI", "SF Arabic", "Noto Sans Arabic", "Geeza Pro", Tahoma, "DejaVu Sans", system-ui, sans-serif; }
a { color: var(--link); text-decoration: none; overflow-wrap: anywhere; }
a:hover { text-decoration: underline; }
svg { display: block; }
p { margin: 0; }
.top { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 8px 24px; padding: 22px clamp(16px, 3vw, 40px) 6px; }
.top h1 { margin: 0; font-size: 24px; line-height: 1.3; font-weight: 700; letter-spacing: -.01em; }
.top h1 span { color: var(--soft); font-weight: 400; } .top h1.named { display: flex; align-items: center; gap: 9px; } .top h1 .name { color: inherit; font-weight: 700; } .top h1 .mark { color: #fff; } .top.x h1 .mark { color: var(--x-ground); }
.top p { color: var(--soft); }
.top [lang=ar] { text-align: right; }
.badge { display: inline-block; padding: 0 7px; border-radius: 4px; font: 700 10.5px/18px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; letter-spacing: .06em; color: var(--badge); background: var(--badge-ground); }
.board { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 18px; align-items: start; padding: 16px clamp(16px, 3vw, 40px) 48px; max-width: 1760px; margin: auto; }
.column { min-width: 0; }
.column > h2, .wall > h2 { display: flex; align-items: center; gap: 9px; margin: 0 0 10px; font-size: 16px; font-weight: 650; }
.column > h2 b { margin-inline-start: auto; color: var(--soft); font-weight: 400; font-size: 13px; }
.mark { width: 22px; height: 22px; border-radius: 7px; display: grid; place-items: center; color: #fff; flex: none; }
.telegram .mark { background: #2a9ad6; } .whatsapp .mark { background: #25b566; } .facebook .mark { background: #1464e0; border-radius: 50%; }
.x .mark { background: var(--x); color: var(--x-ground); }
.single { max-width: 640px; margin: 0 auto; padding: 0 16px 64px; }
.empty { padding: 48px 20px; text-align: center; color: var(--soft); border: 1px dashed var(--line); border-radius: 14px; }
.wall { border: 1px solid var(--line); border-radius: 14px; overflow: hidden; margin-bottom: 18px; background: var(--card); }
.head { display: flex; align-items: center; gap: 11px; padding: 10px 14px; border-bottom: 1px solid var(--line); }
.head strong { display: block; line-height: 1.3; overflow-wrap: anywhere; }
.head small { color: var(--soft); font-size: 12.5px; line-height: 1.3; }
.avatar { flex: none; width: 40px; height: 40px; border-radius: 50%; display: grid; place-items: center; font-size: 19px; font-weight: 700; color: #fff; background: linear-gradient(145deg, #c2553f, #8c2f4b); }
.say { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; text-align: start; }
.say pre, .say blockquote { unicode-bidi: plaintext; text-align: start; }
.say pre { margin: 0; white-space: pre-wrap; font: 13px/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; } .say code { font: 13px/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.say blockquote { margin: 4px 0; padding-inline-start: 9px; border-inline-start: 3px solid currentColor; opacity: .85; }
.say mark { background: color-mix(in srgb, currentColor 16%, transparent); color: inherit; border-radius: 3px; }
.photo { display: block; width: 100%; height: auto; max-height: 520px; object-fit: cover; background: var(--line); }
.photo.absent { display: grid; place-items: center; gap: 6px; min-height: 150px; padding: 16px; color: var(--soft); font-size: 12.5px; text-align: center; overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 9px; padding: 6px 2px 0; font-size: 11.5px; line-height: 18px; color: var(--soft); direction: ltr; }
.facts code { font: inherit; overflow-wrap: anywhere; }
.meter { flex: none; width: 54px; height: 4px; border-radius: 2px; background: var(--line); overflow: hidden; }
.meter i { display: block; height: 100%; background: currentColor; border-radius: 2px; }
.post { outline: 0; scroll-margin: 90px; }
.post.focus { animation: found 2.4s ease-out 1; }
.post.focus .frame { box-shadow: 0 0 0 3px var(--link); }
@keyframes found { from { background: color-mix(in srgb, var(--link) 26%, transparent); } }
@media (prefers-reduced-motion: reduce) { .post.focus { animation: none; } }
.gone .say, .gone .photo, .gone .card, .gone .quote, .gone .foot, .gone .reply { display: none; }
.gone .removed { font-style: italic; color: var(--soft); padding: 8px 12px; }
.card { display: block; color: inherit; }
.card:hover { text-decoration: none; }
.card small { display: block; text-align: start; }
.quote { display: block; padding: 3px 9px; margin: 0 0 6px; font-size: 13px; color: var(--soft); border-inline-start: 3px solid currentColor; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.telegram .quote, .photo + .quote { margin: 8px 12px 2px; } .whatsapp .quote { margin: 4px 8px; }

.feed { display: grid; grid-template-columns: minmax(0, 1fr); }
.telegram .feed { padding: 14px 12px; background: linear-gradient(160deg, var(--tg-wall-a), var(--tg-wall-b)); gap: 12px; }
.telegram .frame { background: var(--tg-bubble); border-radius: 13px 13px 13px 4px; overflow: hidden; box-shadow: 0 1px 2px rgb(0 0 0 / .16); max-width: 540px; }
.telegram .say { padding: 8px 12px 2px; } .telegram .say a, .telegram .tag { color: var(--tg-link); }
.telegram .card { margin: 6px 12px 2px; padding: 6px 10px; border-inline-start: 3px solid var(--tg-link); border-radius: 5px; background: color-mix(in srgb, var(--tg-link) 9%, transparent); }
.telegram .card b { display: block; color: var(--tg-link); font-size: 13.5px; }
.telegram .card small { color: var(--soft); font-size: 12px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.telegram time { display: block; direction: ltr; text-align: right; padding: 0 12px 6px; font-size: 11.5px; color: var(--soft); }
.telegram .facts, .whatsapp .facts { display: inline-flex; max-width: 100%; padding: 1px 8px; margin-top: 5px; border-radius: 9px; background: color-mix(in srgb, var(--card) 78%, transparent); }

.x .wall { background: var(--x-ground); }
.x .avatar { background: linear-gradient(145deg, #2d3a4a, #0f1419); }
.x .post { padding: 12px 14px 10px; border-bottom: 1px solid var(--line); } .x .post:last-child { border-bottom: 0; }
.x .frame { display: grid; grid-template-columns: 40px minmax(0, 1fr); gap: 0 11px; border-radius: 10px; }
.x .who { display: flex; flex-wrap: wrap; gap: 0 5px; color: var(--soft); line-height: 1.4; margin-bottom: 2px; } .x .who b { color: var(--ink); }
.x .say a, .x .tag { color: var(--x-link); }
.x .photo { border-radius: 15px; border: 1px solid var(--line); margin-top: 9px; }
.x .card { margin-top: 9px; border: 1px solid var(--line); border-radius: 15px; overflow: hidden; }
.x .card .blank { height: 92px; display: grid; place-items: center; color: var(--soft); background: color-mix(in srgb, var(--soft) 13%, transparent); }
.x .card b { display: none; } .x .card small { padding: 5px 12px 7px; color: var(--soft); font-size: 13px; }
.x .acts { display: flex; justify-content: space-between; max-width: 420px; padding: 9px 0 2px; color: var(--soft); direction: ltr; }

.whatsapp .head { background: var(--wa-head); color: #fff; border: 0; } .whatsapp .head small { color: rgb(255 255 255 / .78); }
.whatsapp .avatar { background: rgb(255 255 255 / .2); }
.whatsapp .feed { padding: 14px 12px; background: var(--wa-wall); gap: 12px; min-height: 120px; }
.whatsapp .frame { background: var(--wa-bubble); color: var(--wa-ink); border-radius: 2px 11px 11px 11px; padding: 4px; box-shadow: 0 1px 1px rgb(0 0 0 / .14); max-width: 440px; overflow: hidden; }
.whatsapp .say { padding: 4px 8px 0; } .whatsapp .tag { color: inherit; }
.whatsapp .photo { border-radius: 8px; }
.whatsapp .card { padding: 8px 10px; border-radius: 8px; background: color-mix(in srgb, var(--soft) 14%, transparent); } .whatsapp .card b { display: block; font-size: 13.5px; } .whatsapp .card small { color: var(--soft); font-size: 12px; overflow-wrap: anywhere; }
.whatsapp .reply { margin-top: 4px; padding: 6px 8px; text-align: center; color: var(--link, #0a7cff); border-top: 1px solid #8883; unicode-bidi: plaintext; }
.whatsapp .foot { padding: 5px 8px 0; font-size: 13px; color: var(--soft); unicode-bidi: plaintext; }
.whatsapp time { display: block; direction: ltr; text-align: right; padding: 0 8px 3px; font-size: 11px; color: var(--soft); }

.facebook .feed { gap: 12px; padding: 12px; background: var(--ground); }
.facebook .wall { background: var(--fb-ground); }
.facebook .frame { background: var(--fb-ground); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.facebook .avatar { background: linear-gradient(145deg, #1464e0, #0b3c91); }
.facebook .who { display: flex; gap: 10px; align-items: center; padding: 11px 13px 4px; line-height: 1.3; } .facebook .who small { display: flex; gap: 4px; align-items: center; color: var(--soft); font-size: 12.5px; }
.facebook .say { padding: 4px 13px 11px; } .facebook .say a, .facebook .tag { color: var(--facebook); }
.facebook .card { background: var(--fb-strip); border-top: 1px solid var(--line); padding: 9px 13px; } .facebook .card small { color: var(--soft); font-size: 12px; } .facebook .card b { display: block; line-height: 1.35; }
.facebook .acts { display: flex; justify-content: space-around; padding: 7px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13.5px; font-weight: 600; direction: ltr; } .facebook .acts span { display: flex; gap: 6px; align-items: center; }
.facebook .facts { padding-inline-start: 4px; }
`;
