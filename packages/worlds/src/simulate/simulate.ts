/** Many runs of one scenario: each checked while it goes on, all summed up, and what went wrong made small. */
import {
  createSummary,
  judgeFigures,
  type Report,
  type ReportedViolation,
  type SampleRun,
  type Scenario,
  smaller,
  type TutoringBills,
  writeScenario,
} from "@warden/simulator";
import { checkedRun, replayCommand } from "./checked-run.ts";
import { checkedRuns, type ManyRuns } from "./checked-runs.ts";
import type { Mutant } from "./run.ts";
import { billsOfTheWeek } from "./week-bills.ts";

export type { Mutant };

export interface SimulateOptions extends ManyRuns {
  /** Milliseconds since the epoch, for the age of prices. */
  readonly now: number;
  /** Look closer at the first violation: for the smallest scenario that still shows it, and whether the wire does. */
  readonly shrink: boolean;
  readonly progress?: (done: number, violations: number) => void;
}

export interface Simulated {
  readonly report: Report;
  /** The first run with a violation, or else the first run: to be drawn. */
  readonly sample: SampleRun | undefined;
  /** Of the tutoring site's week, where that was the scenario. */
  readonly bills: TutoringBills | undefined;
}

export async function simulate(options: SimulateOptions): Promise<Simulated> {
  const { scenario, seed } = options;
  const { instanceType } = scenario.fleet;
  const summary = createSummary({ scenario: scenario.name, seed, now: options.now, instanceType });
  let sample: SampleRun | undefined;
  let violations = 0;
  for await (const record of checkedRuns(options)) {
    summary.add(record);
    violations += record.violations.length;
    if (sample === undefined || (sample.violations.length === 0 && record.violations.length > 0)) sample = record;
    options.progress?.(record.run, violations);
  }
  const bills = await billsOfTheWeek(scenario.name, summary, (other) =>
    checkedRun({ ...options, scenario: other }, seed, 1),
  );
  return { report: await withExpectations(summary.result(), sample, options), sample, bills };
}

/** Figures are judged over all runs; the first violation is made as small as it gets. */
async function withExpectations(
  report: Report,
  sample: SampleRun | undefined,
  options: SimulateOptions,
): Promise<Report> {
  const { scenario, seed } = options;
  const figures = judgeFigures(report, scenario.expect, scenario.for).map(
    (violation): ReportedViolation => ({
      ...violation,
      run: 0,
      at: scenario.for / 1000,
      replay: replayCommand(options, seed, options.runs),
      onWire: undefined,
      shrunk: undefined,
    }),
  );
  const [first, ...others] = report.violations;
  const shrunk = first !== undefined && options.shrink ? await shrink(first, sample, options) : undefined;
  const onWire = first !== undefined && options.shrink ? await brokenOnWire(first, options) : undefined;
  const violations = [...(first === undefined ? [] : [{ ...first, onWire, shrunk }]), ...others, ...figures];
  return { ...report, ok: violations.length === 0, violations };
}

/** What failed by handing objects over is tried again with what the SDK really sends. */
async function brokenOnWire({ rule, run }: ReportedViolation, options: SimulateOptions): Promise<boolean | undefined> {
  if (options.transport === "wire") return undefined;
  const record = await checkedRun({ ...options, transport: "wire" }, options.seed + run - 1, run);
  return record.violations.some((each) => each.rule === rule);
}

/** The smallest scenario found that breaks the same rule with the same seed, as YAML. */
async function shrink(
  violation: ReportedViolation,
  sample: SampleRun | undefined,
  options: SimulateOptions,
): Promise<string | undefined> {
  if (sample === undefined) return undefined;
  let smallest = options.scenario;
  for (let tried = 0; tried < mostShrinks; ) {
    let found: Scenario | undefined;
    for (const candidate of smaller(smallest)) {
      if (tried++ >= mostShrinks) break;
      const record = await checkedRun({ ...options, scenario: candidate }, sample.seed, 1);
      if (!record.violations.some((each) => each.rule === violation.rule)) continue;
      found = candidate;
      break;
    }
    if (found === undefined) break;
    smallest = found;
  }
  return smallest === options.scenario ? undefined : writeScenario(smallest);
}

/** Runs that looking for a smaller scenario may cost. */
const mostShrinks = 60;
