/** A panel of the plot: its frame, its two axes, and where in it a value is. Values are placed by their logarithm. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where a value is on the paper. */
export type Scale = (value: number) => number;

export function logarithmic([from, to]: readonly [number, number], start: number, end: number): Scale {
  const [low, high] = [Math.log(from), Math.log(to)];
  return (value) => start + ((Math.log(value) - low) / (high - low)) * (end - start);
}

/** 1, 2 and 5 of each power of ten, as far as they reach around the values. */
export function roundRange(values: readonly number[]): readonly [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const below = steps(least).findLast((step) => step <= least);
  const above = steps(most).find((step) => step >= most && step > (below ?? 0));
  return [below ?? least, above ?? most];
}

export const ticksIn = ([from, to]: readonly [number, number]): readonly number[] =>
  [...new Set([...steps(from), ...steps(Math.sqrt(from * to)), ...steps(to)])]
    .filter((step) => step >= from && step <= to)
    .sort((a, b) => a - b);

function steps(around: number): readonly number[] {
  const power = Math.floor(Math.log10(around));
  return [power - 1, power, power + 1].flatMap((each) => [1, 2, 5].map((digit) => Number(`${digit}e${each}`)));
}

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export const text = (x: number, y: number, words: string, kind = ""): string =>
  `<text x="${at(x)}" y="${at(y)}"${kind === "" ? "" : ` class="${kind}"`}>${escaped(words)}</text>`;

export const line = (x1: number, y1: number, x2: number, y2: number, kind: string): string =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${kind}"/>`;

export const at = (place: number): string => String(Number(place.toFixed(1)));

/** What is shown when a pointer rests on it. */
export const titled = (title: string, ...marks: readonly string[]): string =>
  `<g><title>${escaped(title)}</title>${marks.join("")}</g>`;

export const heading = ({ left, top }: Box, title: string, about: string): string =>
  text(left - 44, top - 34, title, "title") + text(left - 44, top - 15, about, "about");

/** Lines across the panel, with what they stand for at the left. */
export const rows = (
  { left, width }: Box,
  y: Scale,
  ticks: readonly number[],
  words: (tick: number) => string,
): string =>
  ticks
    .map(
      (tick) =>
        line(left, y(tick), left + width, y(tick), "grid") + text(left - 8, y(tick) + 4, words(tick), "tick end"),
    )
    .join("");

export const columns = (
  { top, height }: Box,
  x: Scale,
  ticks: readonly number[],
  words: (tick: number) => string,
): string => ticks.map((tick) => text(x(tick), top + height + 18, words(tick), "tick middle")).join("");

export const time = (ms: number): string =>
  ms >= 1000 ? `${Number((ms / 1000).toPrecision(2))} s` : `${Number(ms.toPrecision(2))} ms`;
