/** What another policy would have decided, in words. */
import { length, type Policy } from "@warden/fleet";
import type { Choice, Difference, Hindsight, LedgerFile, SimulatedFrom } from "@warden/worlds/ledger";
import { printable } from "../errors.ts";
import { table } from "./table.ts";
import { instant, iso } from "./time.ts";

interface Policies {
  readonly own: Policy;
  readonly other: Policy;
}

/** As many differences as a person reads; `--json` has them all. */
const mostShown = 20;

export function hindsightLines(ledger: LedgerFile, found: Hindsight, policies: Policies): string[] {
  const { differences, drifted, notCompared } = found;
  const shown = differences.slice(0, mostShown);
  return [
    headline(ledger, found),
    `The other policy: ${changes(policies)}.`,
    `${found.alike} decisions are the same under both.`,
    ...(differences.length === 0 ? ["No decision would have been another."] : []),
    ...shown.flatMap((difference) => ["", ...differenceLines(difference)]),
    ...(shown.length < differences.length
      ? ["", `and ${differences.length - shown.length} more nodes; --json has all`]
      : []),
    ...(notCompared === 0
      ? []
      : ["", `${notCompared} decisions come after their node's first difference and are not compared.`]),
    ...(drifted.length === 0 ? [] : ["", ...driftLines(found)]),
    ...(ledger.leftOut === 0 ? [] : ["", `${ledger.leftOut} entries hold no whole observation and were left out.`]),
  ].map(printable);
}

function headline({ site, nodes }: LedgerFile, found: Hindsight): string {
  const times = [...nodes.values()].flat().map(({ at }) => at);
  if (times.length === 0) return `The ledger of ${site.site} holds no decision.`;
  const span = `from ${instant(Math.min(...times))} to ${instant(Math.max(...times))}`;
  return `The ledger of ${site.site}, ${span}: ${times.length} decisions about ${found.nodes} nodes.`;
}

function changes({ own, other }: Policies): string {
  const names = Object.keys({ ...own, ...other }) as (keyof Policy)[];
  const changed = names.filter((name) => own[name] !== other[name]);
  const told = changed.map((name) => `${name} ${setting(name, other[name])} instead of ${setting(name, own[name])}`);
  return told.length === 0 ? "the same as the site's" : told.join(", ");
}

const counts = new Set<keyof Policy>(["bootstrapAttempts", "capacityFloor", "breakerThreshold"]);

function setting(name: keyof Policy, value: Policy[keyof Policy]): string {
  if (typeof value !== "number" || counts.has(name)) return String(value ?? "unset");
  return name === "disruptionBudget" ? `${value * 100} %` : length(value);
}

function differenceLines({ node, at, look, decided, other, between }: Difference): string[] {
  return [
    `${instant(at)}  ${node}  ${look.seen.lifecycleState}`,
    `  decided  ${choice(decided)}`,
    `  would    ${choice(other)}`,
    ...(between
      ? [`  (between two entries: as far as the ledger tells, nothing had changed since ${instant(look.at)})`]
      : []),
  ];
}

const choice = ({ phase, why, actions }: Choice): string =>
  `${phase}: ${why}${actions.length === 0 ? "" : `  [${actions.join(", ")}]`}`;

function driftLines({ drifted }: Hindsight): string[] {
  const [first] = drifted;
  if (first === undefined) return [];
  return [
    `About ${drifted.length} nodes this Warden, with the site's own policy, decides otherwise than was recorded: Warden or`,
    `the policy has changed since. They are not compared from there on. The first: ${first.node} at ${instant(first.at)}`,
    `  recorded  ${choice(first.recorded)}`,
    `  now       ${choice(first.now)}`,
  ];
}

export function simulatedLines(
  { at, look }: Difference,
  { happens, runs, own, other }: SimulatedFrom,
  width: number | undefined,
): string[] {
  const { group } = look.seen;
  const seconds = (value: number): string => length(value * 1000);
  const rows = [
    { figure: "time to service, median", own: seconds(own.timeToService.p50), other: seconds(other.timeToService.p50) },
    { figure: "launches given up", own: String(own.nodes.abandoned), other: String(other.nodes.abandoned) },
    { figure: "drain, longest", own: seconds(own.drain.max), other: seconds(other.drain.max) },
    { figure: "requests cut", own: String(own.drain.dropped), other: String(other.drain.dropped) },
    { figure: "tasks cut", own: String(own.drain.tasksAbandoned), other: String(other.drain.tasksAbandoned) },
    { figure: "calls to AWS", own: String(own.calls.total), other: String(other.calls.total) },
    { figure: "rules broken", own: String(own.violations.length), other: String(other.violations.length) },
  ];
  return [
    "SIMULATED, not what happened: modelled machines, in a group as it was at the first difference",
    `(${instant(at)}: ${group.inService} in service, ${group.desired} desired), and then ${happens}; ${runs} runs each.`,
    table(
      [
        { title: "FIGURE", cell: ({ figure }) => figure },
        { title: "SITE'S POLICY", cell: (row) => row.own },
        { title: "OTHER POLICY", cell: (row) => row.other },
      ],
      rows,
      width,
    ),
  ];
}

export function hindsightJson(
  ledger: LedgerFile,
  found: Hindsight,
  policies: Policies,
  simulated: SimulatedFrom | undefined,
) {
  return {
    v: 1,
    site: ledger.site.site,
    policies,
    nodes: found.nodes,
    alike: found.alike,
    notCompared: found.notCompared,
    leftOut: ledger.leftOut,
    differences: found.differences.map(({ node, at, look, decided, other, between }) => ({
      node,
      at: iso(at),
      lifecycleState: look.seen.lifecycleState,
      decided,
      other,
      between,
    })),
    drifted: found.drifted.map(({ at, ...drift }) => ({ ...drift, at: iso(at) })),
    simulated: simulated ?? null,
  };
}
