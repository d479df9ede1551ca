/** Figures as a person reads them. */
import type { Report } from "./report.ts";

/** `2.4 s`, `85 s`, `3 min 5 s`, `2 h 10 min`. */
export function secondsInWords(seconds: number): string {
  if (seconds < 10) return `${trimmed(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  if (whole < 7_200) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(whole / 60);
  return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

/** Time since the start of a run: `0:07:30`, `26:00:00`. */
export function clockOf(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3_600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** With thin spaces between thousands, so that no language reads a decimal point in it. */
export function countInWords(count: number): string {
  const [whole = "0", part] = trimmed(count, count >= 100 ? 0 : 1).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return part === undefined ? grouped : `${grouped}.${part}`;
}

/** Two digits after the point, or as many as a small sum needs to be told from nothing. */
export function dollars(usd: number): string {
  if (usd === 0 || usd >= 0.1) return usd.toFixed(2);
  return usd >= 0.0001 ? usd.toFixed(4) : "< 0.0001";
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${countInWords(count)} ${count === 1 ? one : many}`;

export function verdictOf(report: Report): string {
  const runs = plural(report.runs, "run");
  if (report.ok) return `No rule was broken in ${runs}`;
  const rules = new Set(report.violations.map((each) => each.rule)).size;
  return `${plural(report.violations.length, "violation")} of ${plural(rules, "rule")} in ${runs}`;
}

/** What every sum of money in a report is. */
export function estimateNote({ cost }: Report): string {
  if (cost.pricesFrom === "") return "estimate, list prices";
  const dates = cost.pricesFrom === cost.pricesTo ? cost.pricesTo : `${cost.pricesFrom} to ${cost.pricesTo}`;
  return `estimate, list prices of ${dates}, ${cost.region}`;
}

export interface Figure {
  readonly name: string;
  /** Pairs of what is measured and its value. */
  readonly values: readonly (readonly [string, string])[];
}

/** The figures of a report in the order of interest; the terminal and the page show the same ones. */
export function figuresOf(report: Report): readonly Figure[] {
  const { timeToService, ownShare, repairAfterLoss, drain, nodes, requests, rollouts, upgrades, calls, functions } =
    report;
  const crashes = Object.values(functions.byName).reduce((sum, each) => sum + each.crashes, 0);
  const repaired = repairAfterLoss.count > 0 ? secondsInWords(repairAfterLoss.max) : nothing;
  return [
    { name: "Time to service", values: spread(timeToService) },
    { name: "Warden's own share", values: [...spread(ownShare), ["at best", secondsInWords(ownShare.lowerBound)]] },
    {
      name: "Repair after a loss",
      values: [
        ["longest", repaired],
        ["not repaired", countInWords(repairAfterLoss.unrepaired)],
      ],
    },
    {
      name: "Drain",
      values: [
        ["p50", measured(drain.count, drain.p50)],
        ["p95", measured(drain.count, drain.p95)],
        ["longest", measured(drain.count, drain.max)],
        ["requests cut", countInWords(drain.dropped)],
        ["tasks cut", countInWords(drain.tasksAbandoned)],
      ],
    },
    {
      name: "Requests",
      values: [
        ["served", countInWords(requests.served)],
        ["failed", countInWords(requests.failed)],
      ],
    },
    {
      name: "Nodes",
      values: [
        ["launched", countInWords(nodes.launched)],
        ["in service", countInWords(nodes.inService)],
        ["abandoned", countInWords(nodes.abandoned)],
        ["terminated", countInWords(nodes.terminated)],
        ["lost", countInWords(nodes.lost)],
      ],
    },
    ...(rollouts.begun === 0 ? [] : [rolloutFigure(rollouts)]),
    ...(upgrades.begun === 0 ? [] : [upgradeFigure(upgrades)]),
    {
      name: "Calls",
      values: [
        ["all", countInWords(calls.total)],
        ["per launched node", countInWords(calls.perLaunchedNode)],
      ],
    },
    {
      name: "Functions",
      values: [
        ["invocations", countInWords(functions.invocations)],
        ["GB-seconds", countInWords(functions.gbSeconds)],
        ["crashes", countInWords(crashes)],
      ],
    },
  ];
}

const rolloutFigure = ({ begun, concluded, returned, spoiled }: Report["rollouts"]): Figure => ({
  name: "Rollouts",
  values: [
    ["begun", countInWords(begun)],
    ["concluded", countInWords(concluded)],
    ["returned", countInWords(returned)],
    ["nodes with a bad one, at most", countInWords(spoiled)],
  ],
});

const upgradeFigure = ({ begun, done, returned, stuck }: Report["upgrades"]): Figure => ({
  name: "Upgrades",
  values: [
    ["begun", countInWords(begun)],
    ["done", countInWords(done)],
    ["returned", countInWords(returned)],
    ["stuck", countInWords(stuck)],
  ],
});

/** Stands where nothing was measured: a 0 would look like praise. */
const nothing = "–";

export const measured = (count: number, seconds: number): string => (count > 0 ? secondsInWords(seconds) : nothing);

function spread(values: Report["timeToService"]): Figure["values"] {
  const { count, p50, p95, p99 } = values;
  return [
    ["p50", measured(count, p50)],
    ["p95", measured(count, p95)],
    ["p99", measured(count, p99)],
  ];
}

const trimmed = (value: number, digits: number): string => value.toFixed(digits).replace(/\.0+$/, "");

const pair = (large: number, one: string, small: number, other: string): string =>
  small === 0 ? `${large} ${one}` : `${large} ${one} ${small} ${other}`;
