/** The figures as one picture: an SVG that needs nothing else, in the reader's colour scheme. */
import type { BenchFigures } from "../schema.ts";
import { crowdPanel } from "./crowd.ts";
import { delayPanel, ratioPanel } from "./curves.ts";
import { type Box, escaped, text } from "./panel.ts";
import { style } from "./style.ts";

const width = 1040;
const left: Box = { left: 76, top: 150, width: 420, height: 260 };
const right: Box = { left: 596, top: 150, width: 350, height: 260 };
const below: Box = { left: 76, top: 540, width: 870, height: 250 };

export function plotOf(figures: BenchFigures): string {
  const hasCrowds = figures.scope.crowds.length > 0;
  const notes = notesOf(figures);
  const end = hasCrowds ? below.top + below.height + 78 : left.top + left.height + 62;
  const height = end + notes.length * 19 + 14;
  const title = "Moodle's application cache: on the shared file system, on Redis, on the local disk";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">
<style>${style}</style>
<rect class="paper" width="${width}" height="${height}"/>
${text(32, 44, title, "headline")}
${text(32, 68, `Moodle ${figures.moodle} in the lab, ${figures.date.slice(0, 10)}; medians of ${figures.scope.repeats} alternating repeats, marks show their range`, "about")}
${delayPanel(figures, left)}
${ratioPanel(figures, right)}
${hasCrowds ? crowdPanel(figures, below) : ""}
${notes.map((note, index) => text(32, end + index * 19, note, "about")).join("\n")}
</svg>
`;
}

function notesOf({ machine, curves, bars, writeUp, runs, scope }: BenchFigures): readonly string[] {
  const busiest = Math.max(...runs.map(({ busy }) => busy));
  const held = [...new Set(runs.filter(({ limit }) => limit === "processors").map(({ users }) => users))].sort(
    (a, b) => a - b,
  );
  const alone = curves.find(({ users, thing }) => users === 1 && thing === "views");
  const judged = bars.map(
    ({ what, value, least, met }) => `${what}: ${value} ×, bar ≥ ${least} ×, ${met ? "met" : "MISSED"}.`,
  );
  return [
    ...(alone === undefined
      ? []
      : [`With one user, pages take five times as long as on Redis ${crossing(alone.fiveTimes)}.`]),
    ...judged,
    `The machine's own limit: ${machine.processors} processors for users, load balancer, database, Redis and the node with its ` +
      `${machine.workers} workers of PHP; ${percent(machine.busyAtRest)} busy at rest, ${percent(busiest)} at most.`,
    held.length === 0
      ? "The processors were never the limit (≥ 90 % busy)."
      : `Hollow marks: the processors were the limit (≥ 90 % busy), with ${held.join(", ")} users; there ratios say less than with one.`,
    `Users are a closed loop: ${scope.visits} visits of one user; crowds come over ${scope.ramp} s and are measured for ${scope.seconds} s after.`,
    "With more users than workers of PHP, a page waits for one of them, too. The write-up does not say how many it had.",
    `Dashed: the write-up, ${writeUp.of}.`,
    `It found a local disk ${writeUp.local}.`,
  ];
}

function crossing(fiveTimes: BenchFigures["curves"][number]["fiveTimes"]): string {
  switch (fiveTimes.is) {
    case "at":
      return `from ${fiveTimes.delay} ms a request on`;
    case "below":
      return `at ${fiveTimes.delay} ms a request already`;
    case "beyond":
      return `at no delay up to ${fiveTimes.delay} ms`;
  }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
