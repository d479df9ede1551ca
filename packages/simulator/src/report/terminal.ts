/** A report that a person reads in ten seconds, at the width of their terminal. */
import type { TutoringBills } from "../cost/tutoring-week.ts";
import { inColour, type Paint, plain, rightOf, wrapped } from "./columns.ts";
import type { Report, ReportedViolation } from "./report.ts";
import type { SampleRun } from "./run-record.ts";
import { billLines } from "./terminal-bills.ts";
import { timelineLines } from "./terminal-timeline.ts";
import { timelineOf } from "./timeline.ts";
import { clockOf, dollars, estimateNote, type Figure, figuresOf, plural, verdictOf } from "./words.ts";

export interface TerminalOptions {
  /** Columns; at least 40 are used. */
  readonly width: number;
  readonly colour: boolean;
  /** The run to draw. */
  readonly sample?: SampleRun | undefined;
  /** The bills of the tutoring site's week, where that was the scenario. */
  readonly bills?: TutoringBills | undefined;
}

/** Violations beyond these are counted, not shown: the first ones tell most. */
const violationsShown = 5;
const servicesShown = 6;

export function renderReport(report: Report, options: TerminalOptions): string {
  const width = Math.max(40, options.width);
  const paint = options.colour ? inColour : plain;
  const sections = [
    verdict(report, width, paint),
    violations(report, width, paint),
    options.sample === undefined ? [] : timelineLines(timelineOf(options.sample), width, paint),
    figures(figuresOf(report), width, paint),
    money(report, width, paint),
    options.bills === undefined ? [] : billLines(options.bills, width, paint),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function verdict(report: Report, width: number, paint: Paint): readonly string[] {
  const sign = report.ok ? "✓" : "✗";
  const [first = "", ...more] = wrapped(`${sign} ${verdictOf(report)}`, width, "  ");
  const colour = report.ok ? paint.good : paint.bad;
  const about = wrapped(`scenario ${report.scenario}, seed ${report.seed}`, width - 2).map((line) => `  ${line}`);
  return [colour(first), ...more.map(colour), ...about.map(paint.dim)];
}

function violations(report: Report, width: number, paint: Paint): readonly string[] {
  const shown = report.violations.slice(0, violationsShown);
  const left = report.violations.length - shown.length;
  const lines = shown.flatMap((each, index) => [...(index > 0 ? [""] : []), ...violation(each, width, paint)]);
  return left > 0 ? [...lines, "", paint.dim(`  and ${plural(left, "more", "more")}; --json lists them all`)] : lines;
}

function violation(found: ReportedViolation, width: number, paint: Paint): readonly string[] {
  const where = `run ${found.run}, ${clockOf(found.at)}${found.node === undefined ? "" : `, ${found.node}`}`;
  const indented = (text: string): readonly string[] => wrapped(text, width - 2).map((line) => `  ${line}`);
  const [head = "", ...rest] = wrapped(`${found.rule}  ${where}`, width);
  return [
    paint.bad(head),
    ...rest,
    ...indented(found.detail),
    ...indented(`replay: ${found.replay}`).map(paint.strong),
    ...(found.onWire === undefined ? [] : indented(onWire[found.onWire ? "too" : "not"]).map(paint.dim)),
    ...(found.shrunk === undefined ? [] : shrunk(found.shrunk, width, paint)),
  ];
}

const onWire = {
  too: "the same with the SDK's own bytes (--wire)",
  not: "not so with the SDK's own bytes (--wire): what hands objects over may be at fault",
};

function shrunk(scenario: string, width: number, paint: Paint): readonly string[] {
  const lines = scenario.trimEnd().split("\n");
  return [
    paint.dim("  shortest scenario that still shows it:"),
    ...lines.flatMap((line) => {
      const indent = /^ */.exec(line)?.[0] ?? "";
      return wrapped(line.trimStart(), width - 4 - indent.length).map((part) => `    ${indent}${part}`);
    }),
  ];
}

function figures(all: readonly Figure[], width: number, paint: Paint): readonly string[] {
  const names = Math.max(...all.map(({ name }) => name.length)) + 2;
  return all.flatMap(({ name, values }) => {
    const parts = values.map(([what, value]) => `${what} ${value}`);
    const lines = wrapped(parts.join(" · "), width - names);
    return lines.map((line, index) => paint.dim((index === 0 ? name : "").padEnd(names)) + line);
  });
}

function money(report: Report, width: number, paint: Paint): readonly string[] {
  const { cost } = report;
  const rows = Object.entries(cost.aMonth.byService).filter(([, usd]) => usd > 0);
  const shown = rows.slice(0, servicesShown);
  const rest = rows.slice(servicesShown).reduce((sum, [, usd]) => sum + usd, 0);
  const table: [string, number, number][] = [
    ["nodes and their disks", cost.computeUSD, cost.aMonth.computeUSD],
    ["control plane", cost.controlPlaneUSD, cost.aMonth.controlPlaneUSD],
  ];
  const named = [...shown, ...(rest > 0 ? ([["others", rest]] as const) : [])];
  return [
    ...wrapped(`Cost in USD (${estimateNote(report)})`, width).map(paint.strong),
    paint.dim(rightOf("", ["a run", "a month like it"], width)),
    ...table.map(([name, run, month]) => rightOf(name, [dollars(run), dollars(month)], width)),
    ...wrapped(`of it: ${named.map(([name, usd]) => `${name} ${dollars(usd)}`).join(" · ")}`, width - 2).map((each) =>
      paint.dim(`  ${each}`),
    ),
    ...cost.warnings.flatMap((warning) => wrapped(`! ${warning}`, width, "  ").map(paint.warn)),
  ];
}
