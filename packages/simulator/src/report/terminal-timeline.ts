/** One run in a terminal: a row for each node, a block for each moment, and the story in numbers above. */
import { harmless, type Paint, wrapped } from "./columns.ts";
import { type Lane, lanesThatFit, type Segment, type Stage, type Timeline } from "./timeline.ts";
import { clockOf, plural } from "./words.ts";

/** Each stage has a sign of its own, so the picture can be read without colour; darker is nearer to service. */
const signs: Readonly<Record<Stage, { readonly sign: string; readonly colour: number }>> = {
  starting: { sign: "░", colour: 110 },
  bootstrapping: { sign: "▒", colour: 74 },
  verifying: { sign: "▓", colour: 67 },
  "on hold": { sign: "?", colour: 214 },
  "in service": { sign: "█", colour: 71 },
  leaving: { sign: "▃", colour: 179 },
  refused: { sign: "!", colour: 167 },
  lost: { sign: "×", colour: 160 },
  aside: { sign: "·", colour: 245 },
};

/** When several stages share a column the rarest one shows: trouble must not hide behind a long stretch of calm. */
const precedence: readonly Stage[] = [
  "lost",
  "refused",
  "on hold",
  "leaving",
  "bootstrapping",
  "verifying",
  "starting",
  "aside",
  "in service",
];

const lanesShown = 24;
const storyShown = 9;

export function timelineLines(timeline: Timeline, width: number, paint: Paint): readonly string[] {
  const lanes = lanesThatFit(timeline, lanesShown);
  const names = Math.min(21, Math.max(8, ...lanes.map(({ node }) => harmless(node).length)) + 2);
  const columns = width - names;
  const hidden = timeline.lanes.length - lanes.length;
  const label = (text: string): string =>
    harmless(text)
      .slice(0, names - 2)
      .padEnd(names);
  const marks = markRow(timeline, columns);
  const notes = [
    ...(hidden > 0 ? [`${plural(hidden, "more node")} not drawn`] : []),
    ...(timeline.eventsLost > 0 ? [`${plural(timeline.eventsLost, "event")} lost`] : []),
    ...(timeline.crashes > 0 ? [`${plural(timeline.crashes, "function")} died`] : []),
  ];
  return [
    paint.strong(`Run ${timeline.run}, seed ${timeline.seed}`),
    ...(marks.trim() === "" ? [] : [paint.strong(label("") + marks)]),
    ...outageRows(timeline, columns).map(({ what, row }) => paint.warn(label(what) + row)),
    ...lanes.map((lane) => label(lane.node) + laneRow(lane, timeline, columns, paint)),
    paint.dim(label("") + ruler(timeline.length, columns)),
    ...legend(lanes, timeline, width, paint),
    ...story(timeline, width),
    ...pushes(timeline, width, paint),
    ...(notes.length > 0 ? [paint.dim(`  ${notes.join(" · ")}`)] : []),
  ];
}

const columnOf = (at: number, { length }: Timeline, columns: number): number =>
  Math.min(columns - 1, Math.floor((at / length) * columns));

function laneRow(lane: Lane, timeline: Timeline, columns: number, paint: Paint): string {
  const stages: (Stage | undefined)[] = Array.from({ length: columns }, () => undefined);
  for (const segment of lane.segments) fill(stages, segment, timeline);
  const broken = new Set(
    timeline.violations.filter(({ node }) => node === lane.node).map(({ at }) => columnOf(at, timeline, columns)),
  );
  const painted = stages.map((stage, column) => (broken.has(column) ? ("broken" as const) : stage));
  return stretchesOf(painted)
    .map(({ of, length }) => {
      if (of === "broken") return paint.bad("✗".repeat(length));
      return of === undefined ? " ".repeat(length) : paint.tinted(signs[of].sign.repeat(length), signs[of].colour);
    })
    .join("")
    .trimEnd();
}

/** Equal neighbours together, so that a colour is switched on once for a whole stretch. */
function stretchesOf<Item>(items: readonly Item[]): readonly { readonly of: Item; readonly length: number }[] {
  const stretches: { of: Item; length: number }[] = [];
  let last: { of: Item; length: number } | undefined;
  for (const item of items) {
    if (last === undefined || last.of !== item) {
      last = { of: item, length: 0 };
      stretches.push(last);
    }
    last.length += 1;
  }
  return stretches;
}

function fill(stages: (Stage | undefined)[], segment: Segment, timeline: Timeline): void {
  const first = columnOf(segment.from, timeline, stages.length);
  const last = Math.max(first, Math.ceil((segment.to / timeline.length) * stages.length) - 1);
  for (let column = first; column <= Math.min(last, stages.length - 1); column++) {
    const there = stages[column];
    if (there === undefined || precedence.indexOf(segment.stage) < precedence.indexOf(there)) {
      stages[column] = segment.stage;
    }
  }
}

/** Numbers of the story's moments, and ✗ for a violation that names no node. */
function markRow(timeline: Timeline, columns: number): string {
  const row = Array.from({ length: columns }, () => " ");
  timeline.story.slice(0, storyShown).forEach(({ at }, index) => {
    let column = columnOf(at, timeline, columns);
    while (column < columns - 1 && row[column] !== " ") column += 1;
    row[column] = String(index + 1);
  });
  for (const { at, node } of timeline.violations) if (node === undefined) row[columnOf(at, timeline, columns)] = "✗";
  return row.join("").trimEnd();
}

function outageRows(timeline: Timeline, columns: number): readonly { readonly what: string; readonly row: string }[] {
  const rows = new Map<string, string[]>();
  for (const { what, from, to } of timeline.outages) {
    const row = rows.get(what) ?? Array.from({ length: columns }, () => " ");
    rows.set(what, row);
    row.fill("━", columnOf(from, timeline, columns), columnOf(to, timeline, columns) + 1);
  }
  return [...rows].map(([what, row]) => ({ what, row: row.join("").trimEnd() }));
}

/** The clock under the picture: its start, middle and end. */
function ruler(length: number, columns: number): string {
  const [start, middle, end] = [clockOf(0), clockOf(length / 2), clockOf(length)];
  const gap = columns - start.length - middle.length - end.length;
  const left = Math.floor(gap / 2);
  return gap < 2 ? start : start + " ".repeat(left) + middle + " ".repeat(gap - left) + end;
}

function legend(lanes: readonly Lane[], timeline: Timeline, width: number, paint: Paint): readonly string[] {
  const present = new Set(lanes.flatMap(({ segments }) => segments.map(({ stage }) => stage)));
  // An unbreakable space keeps a sign beside its word.
  const entries = stagesInOrder
    .filter((stage) => present.has(stage))
    .map((stage) => `${signs[stage].sign}\u00a0${stage.replace(" ", "\u00a0")}`);
  const wrong = timeline.violations.length > 0 ? ["✗\u00a0violation"] : [];
  return wrapped([...entries, ...wrong].join("  "), width - 2).map((line) => paint.dim(`  ${line}`));
}

const stagesInOrder = Object.keys(signs) as readonly Stage[];

function pushes({ pushes: all }: Timeline, width: number, paint: Paint): readonly string[] {
  const shown = all.slice(0, storyShown);
  const left = all.length - shown.length;
  return [
    ...(all.length > 0 ? [paint.dim("  Configurations pushed")] : []),
    ...shown.flatMap(({ at, text }) =>
      wrapped(text, width - 16).map((line, row) => (row === 0 ? `     ${clockOf(at)}` : "").padEnd(16) + line),
    ),
    ...(left > 0 ? [`     and ${left} more`] : []),
  ];
}

function story(timeline: Timeline, width: number): readonly string[] {
  const shown = timeline.story.slice(0, storyShown);
  const left = timeline.story.length - shown.length;
  return [
    ...shown.flatMap(({ at, text }, index) =>
      wrapped(text, width - 16).map(
        (line, row) => (row === 0 ? `  ${index + 1}  ${clockOf(at)}` : "").padEnd(16) + line,
      ),
    ),
    ...(left > 0 ? [`     and ${plural(left, "more moment")}`] : []),
  ];
}
