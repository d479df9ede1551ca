/** The panel of crowds, beside the write-up's figures. */
import { type Arrangement, arrangements } from "../plan.ts";
import type { BenchFigures, Cell } from "../schema.ts";
import * as draw from "./panel.ts";
import { names, told } from "./words.ts";

export function crowdPanel(figures: BenchFigures, box: draw.Box): string {
  const { scope, writeUp } = figures;
  const delay = scope.crowdDelays.at(-1);
  const cells = figures.cells.filter((cell) => cell.delay === delay && cell.thing === "course");
  const said = writeUp.rows
    .flatMap(({ shared, redis }) => [shared, redis])
    .flatMap((each) => (each === "failed" ? [] : [each.least, each.most].filter((end) => end !== undefined)));
  if (cells.length === 0) return "";
  const [, most] = draw.roundRange([...cells.map(({ p95 }) => p95), ...said]);
  const [least] = draw.roundRange(cells.map(({ median }) => median / 2));
  const y = draw.logarithmic([least, most], box.top + box.height, box.top);
  const counts = [1, ...scope.crowds];
  const wide = box.width / counts.length;
  const groups = counts.map((users, index) => {
    const from = box.left + index * wide + wide * 0.1;
    const bars = arrangements.map((arrangement, place) => {
      const cell = cells.find((each) => each.users === users && each.arrangement === arrangement);
      const slot = { left: from + place * wide * 0.27, width: wide * 0.2, bottom: box.top + box.height };
      return bar(cell, arrangement, slot, y) + writeUpMark(writeUp, users, arrangement, slot, y, box.top);
    });
    return (
      bars.join("") +
      draw.text(from + wide * 0.37, box.top + box.height + 38, users === 1 ? "1 user" : `${users} users`, "middle")
    );
  });
  return [
    draw.heading(
      box,
      `Crowds: the course page at ${delay} ms a request`,
      "median, with p95 as the line above it and the processors' share below; dashed: what the write-up measured",
    ),
    draw.rows(box, y, draw.ticksIn([least, most]), draw.time),
    ...groups,
    busy(figures, counts, box, wide),
  ].join("\n");
}

interface Slot {
  readonly left: number;
  readonly width: number;
  readonly bottom: number;
}

function bar(cell: Cell | undefined, arrangement: Arrangement, { left, width, bottom }: Slot, y: draw.Scale): string {
  if (cell === undefined) return draw.text(left + width / 2, bottom - 8, "failed", "tick middle");
  const [top, middle] = [y(cell.median), left + width / 2];
  const hollow = cell.limit === "processors" ? " hollow" : "";
  return draw.titled(
    `${names[arrangement]}, ${cell.users} users: ${told(cell)}`,
    `<rect class="bar ${arrangement}${hollow}" x="${draw.at(left)}" y="${draw.at(top)}" width="${draw.at(width)}" height="${draw.at(bottom - top)}"/>`,
    draw.line(middle, top, middle, y(cell.p95), `range ${arrangement}`),
    draw.text(middle, y(cell.p95) - 6, draw.time(cell.median), "tick middle"),
  );
}

/** Its range, closed where it names an end. */
function writeUpMark(
  { rows }: BenchFigures["writeUp"],
  users: number,
  arrangement: Arrangement,
  { left, width, bottom }: Slot,
  y: draw.Scale,
  top: number,
): string {
  const said = arrangement === "local" ? undefined : rows.find((row) => row.users === users)?.[arrangement];
  if (said === undefined) return "";
  if (said === "failed")
    return ["write-up:", "failed"]
      .map((words, row) => draw.text(left + width / 2, top + 10 + row * 14, words, "tick middle"))
      .join("");
  const [from, to] = [said.least === undefined ? bottom : y(said.least), said.most === undefined ? top : y(said.most)];
  const [x1, x2] = [left - 4, left + width + 4];
  const ends = [...(said.least === undefined ? [] : [from]), ...(said.most === undefined ? [] : [to])];
  return draw.titled(
    `write-up: ${said.least ?? "under"} ${said.most ?? "and more"} ms`,
    ...[x1, x2].map((x) => draw.line(x, from, x, to, "said")),
    ...ends.map((end) => draw.line(x1, end, x2, end, "said")),
  );
}

/** The processors' share, below each bar. */
function busy({ runs, scope }: BenchFigures, counts: readonly number[], box: draw.Box, wide: number): string {
  const delay = scope.crowdDelays.at(-1);
  return counts
    .flatMap((users, index) =>
      arrangements.map((arrangement, place) => {
        const own = runs.filter((run) => run.delay === delay && run.users === users && run.arrangement === arrangement);
        if (own.length === 0) return "";
        const share = own.reduce((sum, run) => sum + run.busy, 0) / own.length;
        const middle = box.left + index * wide + wide * (0.1 + place * 0.27 + 0.1);
        return draw.text(middle, box.top + box.height + 18, `${Math.round(share * 100)} %`, "tick middle");
      }),
    )
    .join("");
}
