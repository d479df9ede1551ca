/** The figures of the report that an expectation may name, and their units. */
import { didYouMean } from "@warden/yaml";

type Unit = "seconds" | "count" | "USD" | "gbSeconds";

const percentiles = (group: string): [string, Unit][] =>
  ["p50", "p95", "p99"].map((each) => [`${group}.${each}`, "seconds"]);

const counts = (group: string, names: readonly string[]): [string, Unit][] =>
  names.map((each) => [`${group}.${each}`, "count"]);

const figures: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ...counts("nodes", ["launched", "inService", "abandoned", "terminated", "lost"]),
  ...percentiles("timeToService"),
  ...percentiles("ownShare"),
  ...counts("timeToService", ["count"]),
  ...counts("ownShare", ["count"]),
  ["ownShare.lowerBound", "seconds"],
  ["repairAfterLoss.max", "seconds"],
  ...counts("repairAfterLoss", ["count", "unrepaired"]),
  ["drain.p50", "seconds"],
  ["drain.p95", "seconds"],
  ["drain.max", "seconds"],
  ...counts("drain", ["count", "dropped", "tasksAbandoned"]),
  ...counts("rollouts", ["begun", "concluded", "returned", "spoiled"]),
  ...counts("upgrades", ["begun", "done", "returned", "stuck"]),
  ...counts("calls", ["total", "perLaunchedNode"]),
  ["functions.invocations", "count"],
  ["functions.gbSeconds", "gbSeconds"],
  ...counts("requests", ["served", "failed"]),
  ["cost.controlPlaneUSD", "USD"],
  ["cost.computeUSD", "USD"],
  ["cost.aMonth.controlPlaneUSD", "USD"],
  ["cost.aMonth.computeUSD", "USD"],
]);

/** Figures kept for each operation or service that occurred; one that did not occur is 0. */
const openEnded: readonly (readonly [RegExp, Unit])[] = [
  [/^calls\.byOperation\.[\w:.-]+$/, "count"],
  [/^cost\.byService\.[\w:.-]+$/, "USD"],
];

export function unitOf(figure: string): Unit | undefined {
  return figures.get(figure) ?? openEnded.find(([pattern]) => pattern.test(figure))?.[1];
}

export const figuresInWords = (found: string): string =>
  `${didYouMean([found], [...figures.keys()])}a figure of the report: ${[...figures.keys()].join(", ")}, calls.byOperation.… or cost.byService.…`;

/** Undefined when the report has no such figure, or no number there. */
export function figureOf(report: object, figure: string): number | undefined {
  if (unitOf(figure) === undefined) return undefined;
  const [group = "", table = "", ...rest] = figure.split(".");
  const inTable = member(member(report, group), table);
  const value = rest.length === 0 ? inTable : member(inTable, rest.join("."));
  if (value === undefined && isOpenEnded(figure)) return 0;
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

const isOpenEnded = (figure: string): boolean => openEnded.some(([pattern]) => pattern.test(figure));

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
