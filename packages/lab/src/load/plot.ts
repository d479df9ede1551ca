/** A load as a picture: latency by the second in which requests were due, how many there were, and what happened meanwhile. */
import type { LoadFigures } from "./figures.ts";

export interface PlotEvent {
  /** Milliseconds after the load's begin. */
  readonly at: number;
  readonly text: string;
}

/** An SVG that needs nothing from elsewhere, in the colours of whoever looks: light or dark. */
export function plot(figures: LoadFigures, events: readonly PlotEvent[] = []): string {
  const scales = scalesOf(figures, events);
  const heading = headingOf(figures);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(heading)}">
<title>${escaped(heading)}</title>
<style>${style}</style>
<rect class="paper" width="${width}" height="${height}"/>
<text class="heading" x="${left}" y="30">${escaped(heading)}</text>
${legend}
${grid(scales)}
${counts(figures, scales)}
${events.map((event, index) => marked(event, index, scales)).join("\n")}
${lines
  .map(({ name }) => line(name, figures, scales))
  .reverse()
  .join("\n")}
${failures(figures, scales)}
</svg>
`;
}

const width = 960;
const height = 480;
/** Of the part with the latencies; that with the numbers of requests is below, as wide. */
const left = 64;
const right = 936;
const top = 118;
const bottom = 360;
const countTop = 384;
const countBottom = 440;

const lines = [
  { name: "p50", label: "median" },
  { name: "p95", label: "95 %" },
  { name: "p99", label: "99 %" },
  { name: "max", label: "slowest" },
] as const;
type Line = (typeof lines)[number]["name"];

const style = `
svg { color-scheme: light dark; --paper: #ffffff; --ink: #1c2733; --soft: #5b6875; --line: #dde3e9; --bar: #c9d5e2;
  --p50: #4f9d78; --p95: #3f6ea5; --p99: #d9822b; --max: #9aa3ad; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #14181d; --ink: #e4e7eb; --soft: #9aa5b1; --line: #2e353e; --bar: #36424f;
    --p50: #7fd0a5; --p95: #7fb0e6; --p99: #e0a04a; --max: #68727d; --bad: #ff9184; }
}
text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--soft); }
.heading { font-size: 16px; font-weight: 600; fill: var(--ink); }
.paper { fill: var(--paper); }
.grid { stroke: var(--line); }
.event { stroke: var(--soft); stroke-dasharray: 3 3; }
.told { fill: var(--ink); }
.latency { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
${lines.map(({ name }) => `.${name} { stroke: var(--${name}); }`).join(" ")}
.max { stroke-width: 1; }
.requests { fill: var(--bar); }
.failed { fill: var(--bad); }
.cross { stroke: var(--bad); stroke-width: 1.6; stroke-linecap: round; }`;

interface Scales {
  /** Seconds on the whole axis. */
  readonly seconds: number;
  readonly most: number;
  /** Powers of ten, in milliseconds. */
  readonly decades: readonly number[];
  x(second: number): number;
  y(milliseconds: number): number;
  count(requests: number): number;
}

/** Latency is logarithmic: what is usual and what was bad are both to be seen. */
function scalesOf({ seconds: rows }: LoadFigures, events: readonly PlotEvent[]): Scales {
  const last = Math.max(0, ...rows.map(({ second }) => second + 1), ...events.map(({ at }) => at / 1000));
  const seconds = Math.max(1, Math.ceil(last));
  const values = rows.flatMap(({ latency }) => (latency === null ? [] : [latency.p50, latency.max]));
  const low = Math.floor(Math.log10(Math.max(1, Math.min(...values, 10))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(1, ...values))));
  const most = Math.max(1, ...rows.map(({ requests }) => requests));
  return {
    seconds,
    most,
    decades: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
    x: (second) => rounded(left + ((right - left) * second) / seconds),
    y(milliseconds) {
      const share = (Math.log10(Math.max(milliseconds, 10 ** low)) - low) / (high - low);
      return rounded(bottom - (bottom - top) * share);
    },
    count: (requests) => rounded(((countBottom - countTop) * requests) / most),
  };
}

function headingOf({ requests: { sent, failed }, lostSessions, latency }: LoadFigures): string {
  const slowest = latency === null ? "" : `, 99 % within ${duration(latency.p99)}`;
  const lost = lostSessions === 1 ? "1 lost session" : `${lostSessions} lost sessions`;
  return `${sent} requests, ${failed} failed, ${lost}${slowest}`;
}

const legend = lines
  .map(({ name, label }, index) => {
    const x = left + index * 90;
    return `<path class="latency ${name}" d="M${x} 52h18"/><text x="${x + 24}" y="56">${label}</text>`;
  })
  .concat(`<path class="cross" d="M430 48l8 8m0 -8l-8 8"/><text x="446" y="56">failed</text>`)
  .join("");

function grid({ seconds, most, decades, x, y }: Scales): string {
  const across = decades.map(
    (each) =>
      `<path class="grid" d="M${left} ${y(each)}H${right}"/><text x="${left - 8}" y="${y(each) + 4}" text-anchor="end">${duration(each)}</text>`,
  );
  const step = steps.find((each) => seconds / each <= 12) ?? Math.ceil(seconds / 12);
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step).map(
    (each) => `<text x="${x(each)}" y="${countBottom + 20}" text-anchor="middle">${clock(each)}</text>`,
  );
  const axis = `<path class="grid" d="M${left} ${countBottom}H${right}"/>`;
  const count = `<text x="${left - 8}" y="${countTop + 8}" text-anchor="end">${most}/s</text>`;
  return [...across, axis, count, ...ticks].join("\n");
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

function counts({ seconds }: LoadFigures, { x, count }: Scales): string {
  const wide = Math.max(0.5, rounded((x(1) - x(0)) * 0.8));
  const bar = (kind: string, second: number, requests: number): string =>
    requests === 0
      ? ""
      : `<rect class="${kind}" x="${x(second)}" y="${rounded(countBottom - count(requests))}" width="${wide}" height="${count(requests)}"/>`;
  return seconds
    .map(({ second, requests, failed }) => bar("requests", second, requests) + bar("failed", second, failed))
    .join("");
}

/** Their texts take turns in three rows, so that neighbours can be read. */
function marked({ at, text }: PlotEvent, index: number, { x, seconds }: Scales): string {
  const from = x(at / 1000);
  const row = top - 40 + (index % 3) * 14;
  const turned = at / 1000 > seconds * 0.75;
  const place = turned ? `x="${from - 4}" text-anchor="end"` : `x="${from + 4}"`;
  return `<path class="event" d="M${from} ${row - 10}V${countBottom}"/><text class="told" ${place} y="${row}">${escaped(text)}</text>`;
}

/** Broken where nothing was due; a second alone is a dot. The fastest is drawn last, above the others. */
function line(name: Line, { seconds }: LoadFigures, { x, y }: Scales): string {
  let before = Number.NaN;
  const points = seconds.flatMap(({ second, latency }) => {
    if (latency === null) return [];
    const joined = second === before + 1;
    before = second;
    const place = `${x(second + 0.5)} ${y(latency[name])}`;
    return [joined ? `L${place}` : `M${place}h0`];
  });
  return `<path class="latency ${name}" d="${points.join("")}"/>`;
}

const failures = ({ seconds }: LoadFigures, { x }: Scales): string =>
  seconds
    .filter(({ failed }) => failed > 0)
    .map(({ second, failed, requests }) => {
      const told = `${failed} of ${requests} failed at ${clock(second)}`;
      return `<path class="cross" d="M${rounded(x(second + 0.5) - 4)} ${top - 4}l8 8m0 -8l-8 8"><title>${told}</title></path>`;
    })
    .join("\n");

const duration = (milliseconds: number): string =>
  milliseconds < 1000
    ? `${Number(milliseconds.toPrecision(3))} ms`
    : `${Number((milliseconds / 1000).toPrecision(3))} s`;

const clock = (second: number): string => `${Math.floor(second / 60)}:${String(second % 60).padStart(2, "0")}`;

const rounded = (value: number): number => Math.round(value * 10) / 10;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (found) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[found] ?? "");
