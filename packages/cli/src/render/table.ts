/** A table that never wraps: cells are cut, and the last columns left out, until it fits the terminal. */
import Table from "cli-table3";
import { printable } from "../errors.ts";

export interface Column<Row> {
  readonly title: string;
  cell(row: Row): string;
  /** Takes what the others leave, and is cut where that is too little. At most one column. */
  readonly flexible?: true;
  /** When even that does not fit, columns go, those with the highest number first. Without one a column stays. */
  readonly dispensable?: number;
}

/** @param width of the terminal; undefined for a pipe, which takes lines of any length */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number | undefined): string {
  const texts = new Map(columns.map((column) => [column, rows.map((row) => printable(column.cell(row)))]));
  const natural = (column: Column<Row>): number =>
    Math.max(column.title.length, ...(texts.get(column) ?? []).map((text) => [...text].length)) + gap;
  const chosen = width === undefined ? columns : fitting(columns, natural, width);
  const widths = chosen.map((column) => {
    if (width === undefined || column.flexible !== true) return natural(column);
    const others = sum(chosen.filter((each) => each !== column).map(natural));
    return Math.min(natural(column), Math.max(least(column), width - others));
  });

  const drawn = new Table({
    head: chosen.map((column) => column.title),
    colWidths: widths,
    chars: noLines,
    style: { head: [], border: [], "padding-left": 0, "padding-right": gap },
  });
  for (const index of rows.keys()) drawn.push(chosen.map((column) => texts.get(column)?.[index] ?? ""));
  return drawn
    .toString()
    .split("\n")
    .map((line) => (width === undefined ? line : [...line].slice(0, width).join("")).trimEnd())
    .join("\n");
}

const gap = 2;

const least = (column: Column<never>): number => column.title.length + 8 + gap;

function fitting<Row>(columns: readonly Column<Row>[], natural: (column: Column<Row>) => number, width: number) {
  let chosen = columns;
  const needed = () =>
    sum(chosen.map((column) => (column.flexible ? Math.min(natural(column), least(column)) : natural(column))));
  while (needed() > width + gap) {
    const ranks = chosen.map((column) => column.dispensable ?? 0);
    const worst = Math.max(...ranks);
    if (worst === 0) break;
    chosen = chosen.filter((column) => column.dispensable !== worst);
  }
  return chosen;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const noLines = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};
