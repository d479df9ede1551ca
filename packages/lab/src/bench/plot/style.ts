/** Colours that are told apart by those who see some of them alike, too: blue, orange and grey. */
export const style = `
svg { --paper: #faf9f6; --ink: #1d2530; --soft: #5b6675; --line: #e3e0d8; --shared: #c2571a; --redis: #2f6cb3; --local: #5f7a4a; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #14181d; --ink: #e4e7eb; --soft: #9aa5b1; --line: #2e353e; --shared: #f0935a; --redis: #7fb0e6; --local: #a5c48a; }
}
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums; }
.paper { fill: var(--paper); }
.headline { font-size: 21px; font-weight: 650; letter-spacing: -0.01em; }
.title { font-size: 15px; font-weight: 650; }
.about, .tick { fill: var(--soft); }
.tick { font-size: 12px; }
.end { text-anchor: end; } .middle { text-anchor: middle; }
.grid { stroke: var(--line); }
.five, .said { stroke: var(--ink); stroke-dasharray: 5 4; fill: none; }
.curve { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
.shared { --own: var(--shared); } .redis { --own: var(--redis); } .local { --own: var(--local); } .faint { --own: var(--soft); }
.curve, .range { stroke: var(--own); } .range { stroke-width: 1.4; }
.dot { fill: var(--own); stroke: var(--own); stroke-width: 2; }
.bar { fill: var(--own); stroke: var(--own); stroke-width: 1.5; }
.hollow { fill: var(--paper); }
.name { fill: var(--own); font-weight: 600; }
.faint.curve { stroke-width: 1.2; }
`;
