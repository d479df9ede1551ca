/** The panels of one user over the delay: how long pages take, and how many times as long as on Redis. */
import { arrangements } from "../plan.ts";
import type { BenchFigures, Curve } from "../schema.ts";
import * as draw from "./panel.ts";
import { names, told } from "./words.ts";

export function delayPanel({ cells, scope }: BenchFigures, box: draw.Box): string {
  const own = cells.filter(({ users, thing }) => users === 1 && thing === "views");
  if (own.length === 0) return "";
  const { x, ticks: delays } = delayAxis(scope.delays, box);
  const range = draw.roundRange(own.flatMap(({ least, most }) => [least, most]));
  const y = draw.logarithmic(range, box.top + box.height, box.top);
  const lines = arrangements.map((arrangement) => {
    const points = own
      .filter((cell) => cell.arrangement === arrangement)
      .map((cell) => ({ ...cell, value: cell.median }));
    return curve(points, x, y, `curve ${arrangement}`, arrangement, (point) => `${names[arrangement]}, ${told(point)}`);
  });
  return [
    draw.heading(box, "One user: how long pages take", "login, front and course page together, over the added delay"),
    draw.rows(box, y, draw.ticksIn(range), draw.time),
    draw.columns(box, x, delays, String),
    draw.text(
      box.left + box.width / 2,
      box.top + box.height + 38,
      "milliseconds for each request to the shared file system",
      "about middle",
    ),
    ...lines,
    legend(box),
  ].join("\n");
}

export function ratioPanel({ curves, scope }: BenchFigures, box: draw.Box): string {
  const own = curves.filter(({ users, thing }) => users === 1 && thing !== "sign-in");
  if (own.length === 0) return "";
  const { x, ticks: delays } = delayAxis(scope.delays, box);
  const range = draw.roundRange([
    1,
    10,
    ...own.flatMap(({ points }) => points.flatMap(({ least, most }) => [least, most])),
  ]);
  const y = draw.logarithmic(range, box.top + box.height, box.top);
  const ends = spread(own.map(({ points }) => y(points.at(-1)?.ratio ?? 1)));
  const lines = own.map(({ thing, points }, index) => {
    const kind = thing === "views" ? "shared" : "faint";
    const values = points.map((point) => ({ ...point, value: point.ratio }));
    return (
      curve(
        values,
        x,
        y,
        `${kind} curve`,
        kind,
        ({ delay, ratio, least, most }) => `${thing}, ${delay} ms: ${ratio} × (${least} to ${most})`,
      ) +
      draw.text(
        box.left + box.width + 10,
        (ends[index] ?? 0) + 4,
        thing === "views" ? "together" : thing,
        `name ${kind}`,
      )
    );
  });
  return [
    draw.heading(box, "One user: shared files over Redis", "how many times as long, each page, and the three together"),
    draw.rows(box, y, draw.ticksIn(range), (tick) => `${tick} ×`),
    draw.columns(box, x, delays, String),
    draw.text(box.left + box.width / 2, box.top + box.height + 38, "milliseconds for each request", "about middle"),
    draw.line(box.left, y(5), box.left + box.width, y(5), "five"),
    ...lines,
    ...own.filter(({ thing }) => thing === "views").map((views) => passes(views, box, x, y)),
  ].join("\n");
}

/** Where it passes five. */
function passes({ fiveTimes }: Curve, { top, height }: draw.Box, x: draw.Scale, y: draw.Scale): string {
  if (fiveTimes.is !== "at") return "";
  const place = x(fiveTimes.delay);
  return (
    draw.line(place, y(5), place, top + height, "five") +
    draw.text(place + 6, top + height - 8, `5 × at ${fiveTimes.delay} ms`)
  );
}

type Point = {
  readonly delay: number;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly limit: string;
};

function curve<Each extends Point>(
  points: readonly Each[],
  x: draw.Scale,
  y: draw.Scale,
  kind: string,
  own: string,
  words: (point: Each) => string,
): string {
  const path = points.map(
    ({ delay, value }, index) => `${index === 0 ? "M" : "L"}${draw.at(x(delay))} ${draw.at(y(value))}`,
  );
  const dots = points.map((point) => {
    const [middle, hollow] = [x(point.delay), point.limit === "processors" ? " hollow" : ""];
    return draw.titled(
      words(point),
      draw.line(middle, y(point.least), middle, y(point.most), `range ${own}`),
      `<circle class="dot ${own}${hollow}" cx="${draw.at(middle)}" cy="${draw.at(y(point.value))}" r="3.5"/>`,
    );
  });
  return `<path class="${kind}" d="${path.join("")}"/>${dots.join("")}`;
}

function delayAxis(delays: readonly number[], { left, width }: draw.Box) {
  const ticks = [...delays].sort((a, b) => a - b);
  const [first = 1, last = 1] = [ticks[0], ticks.at(-1)];
  // One delay alone stands in the middle.
  const range: readonly [number, number] = first === last ? [first / 2, first * 2] : [first, last];
  return { ticks, x: draw.logarithmic(range, left + 14, left + width - 14) };
}

const legend = ({ left, top, width }: draw.Box): string =>
  arrangements
    .map((each, index) =>
      draw.text(left + width - 270 + (index === 0 ? 0 : 30 + index * 80), top + 4, `● ${names[each]}`, `name ${each}`),
    )
    .join("");

/** Names beside the ends of lines, apart from each other. */
function spread(places: readonly number[]): readonly number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  const result: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { place, index } of order) {
    last = Math.max(place, last + 15);
    result[index] = last;
  }
  return result;
}
