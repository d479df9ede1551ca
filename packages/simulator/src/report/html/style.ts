/** The page's style, as text: the system's own typefaces, two colour schemes, and a form for paper. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #faf9f6; --card: #ffffff; --ink: #1d2530; --soft: #5b6675; --line: #e3e0d8; --faint: #f1efe9;
  --good: #1d6b45; --good-paper: #e6f2ea; --bad: #ab2417; --bad-paper: #fbeae7; --warn: #b26a00;
  --accent: #3f6ea5; --hatch: rgb(255 255 255 / 60%);
  --starting: #a9c1dc; --bootstrapping: #6f9bc9; --verifying: #3f6ea5; --in-service: #4f9d78;
  --leaving: #cfa24a; --on-hold: #d9822b; --refused: #cc5a4b; --lost: #8e1b12; --aside: #9aa3ad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --card: #1b2027; --ink: #e4e7eb; --soft: #9aa5b1; --line: #2e353e; --faint: #21272f;
    --good: #7fd0a5; --good-paper: #17302a; --bad: #ff9184; --bad-paper: #3a1f1d; --warn: #e0a04a;
    --accent: #7fb0e6; --hatch: rgb(0 0 0 / 45%);
    --starting: #4d6580; --bootstrapping: #5b8abb; --verifying: #86b4e4; --in-service: #4c9a75;
    --leaving: #c2953f; --on-hold: #d98a3c; --refused: #d66a5b; --lost: #ff6f61; --aside: #68727d;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main, footer { max-width: 1120px; margin: 0 auto; padding: 0 32px; }
header { padding: 48px 0 8px; }
h1, h2, h3, p, dl, dd, ol, ul { margin: 0; }
h1 { font-size: 34px; line-height: 1.2; letter-spacing: -0.02em; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 21px; line-height: 1.3; letter-spacing: -0.01em; font-weight: 650; margin-bottom: 14px; }
h3 { font-size: 16px; font-weight: 650; }
section { margin-top: 52px; }
.eyebrow { color: var(--soft); font-size: 13px; letter-spacing: 0.08em; text-transform: uppercase; margin-bottom: 4px; }
.note, .where, small { color: var(--soft); font-size: 14px; font-weight: 400; }
.verdict { display: inline-flex; gap: 10px; align-items: baseline; margin: 16px 0 10px; padding: 7px 16px 7px 13px; border-radius: 10px; font-weight: 600; }
.verdict.good { background: var(--good-paper); color: var(--good); }
.verdict.bad { background: var(--bad-paper); color: var(--bad); }
code, pre, time { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.86em; }
pre { margin: 10px 0 0; padding: 10px 14px; overflow-x: auto; background: var(--faint); border-radius: 8px; line-height: 1.5; }
.replay { white-space: pre-wrap; overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--accent); font-size: 14px; padding: 6px 0; width: fit-content; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.headlines { display: grid; grid-template-columns: repeat(3, 1fr); margin-top: 24px; border: 1px solid var(--line); border-radius: 14px; background: var(--line); gap: 1px; overflow: hidden; }
.headlines div { background: var(--card); padding: 18px 22px 16px; }
dt { color: var(--soft); font-size: 14px; }
dd { font-size: 26px; line-height: 1.35; font-weight: 600; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
dd small { display: block; letter-spacing: 0; line-height: 1.4; }

.violation { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 10px; padding: 16px 22px; margin-top: 12px; overflow-wrap: anywhere; }
.violation h3 { color: var(--bad); }
.violation .where { margin-bottom: 6px; }
.violation details { margin-top: 8px; }

.timeline { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 20px 22px; }
.zoom { display: flex; flex-wrap: wrap; gap: 8px 26px; align-items: center; padding-bottom: 14px; font-size: 14px; color: var(--soft); }
.zoom[hidden] { display: none; }
.zoom label { display: flex; gap: 10px; align-items: center; }
.zoom input { width: 150px; margin: 0; accent-color: var(--accent); }
.zoom output { font-variant-numeric: tabular-nums; margin-left: auto; }
.zoom button { font: inherit; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: 8px; padding: 3px 12px; cursor: pointer; }
.plot { display: grid; grid-template-columns: 176px minmax(0, 1fr); }
.plot svg { display: block; width: 100%; }
.plot svg svg { width: auto; }
#picture { overflow: hidden; }
.names text { text-anchor: end; fill: var(--soft); font: 12px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.names .outage-name { fill: var(--warn); font-family: system-ui, sans-serif; }
.names .short { display: none; }
.lane .row { fill: none; pointer-events: none; }
.lane:nth-of-type(even) .row { fill: var(--faint); opacity: 0.6; }
.lane:focus { outline: none; }
.lane:focus-visible .row { fill: var(--accent); opacity: 0.18; }
.block.current, .block:hover { stroke: var(--ink); stroke-width: 1.5; }
.hatch { stroke: var(--hatch); stroke-width: 1.4; fill: none; }
.c-starting { fill: var(--starting); } .c-bootstrapping { fill: var(--bootstrapping); } .c-verifying { fill: var(--verifying); }
.c-in-service { fill: var(--in-service); } .c-leaving { fill: var(--leaving); } .c-on-hold { fill: var(--on-hold); }
.c-refused { fill: var(--refused); } .c-lost { fill: var(--lost); } .c-aside { fill: var(--aside); }
.tick line { stroke: var(--line); }
.tick text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.band { fill: var(--warn); opacity: 0.13; pointer-events: none; }
.outage { fill: var(--warn); }
.mark circle { fill: var(--card); stroke: var(--soft); stroke-width: 1.2; }
.mark text { fill: var(--ink); font-size: 11px; font-weight: 600; text-anchor: middle; }
.mark .moment { stroke: var(--soft); stroke-dasharray: 1 4; opacity: 0.7; pointer-events: none; }
.mark.current circle { fill: var(--ink); } .mark.current text { fill: var(--card); }
.wrong line { stroke: var(--bad); stroke-width: 1.2; stroke-dasharray: 4 3; pointer-events: none; }
.wrong circle { fill: var(--bad); stroke: var(--card); stroke-width: 1.5; }
.wrong path { stroke: var(--card); stroke-width: 2; stroke-linecap: round; fill: none; pointer-events: none; }
#detail { min-height: 3.2em; margin: 8px 0 12px; padding: 10px 14px; background: var(--faint); border-radius: 8px; font-size: 14px; overflow-wrap: anywhere; }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 6px 22px; font-size: 14px; color: var(--soft); }
.legend li { display: flex; gap: 8px; align-items: center; }
.legend svg { flex: none; overflow: visible; }
.timeline h3 { margin: 24px 0 6px; }
.story { padding: 0; list-style: none; counter-reset: moment; columns: 2; column-gap: 40px; }
.story li { counter-increment: moment; display: grid; grid-template-columns: 22px 66px 1fr; gap: 8px; padding: 3px 0; break-inside: avoid; font-size: 15px; }
.story li::before { content: counter(moment); color: var(--soft); font-size: 13px; font-weight: 600; text-align: right; line-height: 1.8; }
.story time { color: var(--soft); line-height: 1.8; }

.warning { overflow-wrap: anywhere; }
.warning::before { content: "! "; color: var(--warn); font-weight: 700; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 15px; font-variant-numeric: tabular-nums; margin-bottom: 26px; }
caption { text-align: left; font-weight: 600; padding-bottom: 6px; }
section > .note.warning { margin: -10px 0 0; max-width: none; }
th, td { padding: 7px 0 7px 22px; text-align: right; font-weight: 400; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, thead td:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--soft); font-size: 13px; }
tfoot th, tfoot td { font-weight: 600; border-bottom: 0; }
.pair { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 0 56px; align-items: start; }
.bars .bar { width: 42%; } .bar rect { fill: var(--accent); opacity: 0.75; }
#bills + p { margin-bottom: 20px; max-width: 46em; }
section > .note { margin-bottom: 18px; max-width: 46em; }
section[aria-labelledby="bills"] .pair { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.bill caption strong { display: block; font-size: 24px; letter-spacing: -0.01em; line-height: 1.35; }
.bill caption small { display: block; }
.bill th { white-space: normal; } .bill th small { display: block; line-height: 1.35; }
footer { padding-top: 44px; padding-bottom: 44px; color: var(--soft); font-size: 14px; }

@media (max-width: 720px) {
  main, footer { padding: 0 18px; }
  header { padding-top: 28px; }
  h1 { font-size: 27px; }
  section { margin-top: 40px; }
  .headlines { grid-template-columns: repeat(2, 1fr); }
  .headlines div { padding: 14px 16px 12px; }
  dd { font-size: 21px; }
  .timeline { margin: 0 -18px; border-radius: 0; border-width: 1px 0; padding: 16px 18px; }
  .zoom label { flex: 1 1 100%; } .zoom input { flex: 1; }
  .zoom output { margin-left: 0; }
  .plot { grid-template-columns: 92px minmax(0, 1fr); }
  .names .short { display: inline; } .names .long { display: none; }
  .names text { font-size: 11px; } .names .outage-name { font-size: 10px; }
  .story { columns: 1; }
  .pair, section[aria-labelledby="bills"] .pair { grid-template-columns: minmax(0, 1fr); }
  th, td { padding-left: 12px; }
  table { font-size: 14px; }
  .bars .bar { width: 22%; }
  .bars code { white-space: normal; overflow-wrap: anywhere; } .bars th { white-space: normal; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; --faint: #f4f4f4; }
  body { font-size: 11pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .zoom, #detail { display: none; }
  .violation, table, .headlines { break-inside: avoid; }
  section { margin-top: 28px; }
}
@media (prefers-reduced-motion: no-preference) { .block { transition: stroke 80ms; } }
`;
