/** Many runs of one scenario: each checked while it goes on, all summed up, and what went wrong made small. */

import { defaultPolicy } from "@warden/fleet";
import {
  allCheckers,
  type CheckedRun,
  createSummary,
  expectationCheckers,
  type Followed,
  follow,
  judgeFigures,
  type Report,
  type ReportedViolation,
  type RunRecord,
  type SampleRun,
  type Scenario,
  smaller,
  type Violation,
  writeScenario,
} from "@warden/simulator";
import type { CallPoints } from "./call-points.ts";
import { recordOf } from "./record.ts";
import { type Ran, run } from "./run.ts";

export interface SimulateOptions {
  readonly scenario: Scenario;
  /** How the scenario is named in commands: a built-in one's name or a file's path. */
  readonly source: string;
  readonly seed: number;
  readonly runs: number;
  readonly transport: CallPoints["transport"];
  /** Milliseconds since the epoch, for the age of prices. */
  readonly now: number;
  /** Look for the smallest scenario that still shows the first violation. */
  readonly shrink: boolean;
  readonly progress?: (done: number, violations: number) => void;
}

export interface Simulated {
  readonly report: Report;
  /** The first run with a violation, or else the first run: to be drawn. */
  readonly sample: SampleRun | undefined;
}

export async function simulate(options: SimulateOptions): Promise<Simulated> {
  const { scenario, seed, runs } = options;
  const summary = createSummary({ scenario: scenario.name, seed, now: options.now });
  let sample: SampleRun | undefined;
  let violations = 0;
  for (let index = 0; index < runs; index++) {
    const record = await checkedRun(scenario, seed + index, index + 1, options);
    summary.add(record);
    violations += record.violations.length;
    if (sample === undefined || (sample.violations.length === 0 && record.violations.length > 0)) sample = record;
    options.progress?.(index + 1, violations);
  }
  return { report: await withExpectations(summary.result(), sample, options), sample };
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
      shrunk: undefined,
    }),
  );
  const [first, ...others] = report.violations;
  const shrunk = first !== undefined && options.shrink ? await shrink(first, sample, options) : undefined;
  const violations = [...(first === undefined ? [] : [{ ...first, shrunk }]), ...others, ...figures];
  return { ...report, ok: violations.length === 0, violations };
}

async function checkedRun(
  scenario: Scenario,
  seed: number,
  index: number,
  options: Pick<SimulateOptions, "source" | "transport">,
): Promise<RunRecord> {
  let followed: Followed | undefined;
  const ran = await run({
    scenario,
    seed,
    transport: options.transport,
    watch(recording, startedAt) {
      const checked = checkedRunOf(scenario, startedAt);
      followed = follow(recording, [...allCheckers(checked), ...expectationCheckers(checked, scenario.expect)]);
    },
  });
  const found = [...(followed?.end(ran.settledAt) ?? []), ...ran.defects.map((defect) => defectOf(defect, ran))];
  const violations = found.map(
    (violation): ReportedViolation => ({
      ...violation,
      run: index,
      at: (violation.at - ran.startedAt) / 1000,
      replay: replayCommand(options, seed, 1),
      shrunk: undefined,
    }),
  );
  return recordOf(ran, { run: index, seed, violations });
}

function checkedRunOf(scenario: Scenario, startedAt: number): CheckedRun {
  const { fleet } = scenario;
  const outages = scenario.timeline.flatMap((moment) =>
    "break" in moment && moment.break.what === "functions"
      ? [{ from: moment.at, to: moment.at + moment.break.for }]
      : [],
  );
  return {
    startedAt,
    floor: Math.min(fleet.min, fleet.desired),
    budget: fleet.budget,
    deregistrationDelay: fleet.deregistrationDelay,
    drainBudget: defaultPolicy.drainBudget,
    wardenIsDown: (at) => outages.some(({ from, to }) => at >= startedAt + from && at <= startedAt + to),
  };
}

/** A run in which the embedded AWS itself failed has shown nothing. */
function defectOf(defect: unknown, ran: Ran): Violation {
  const detail = `a defect of the embedded AWS: ${defect instanceof Error ? defect.message : String(defect)}`;
  return { rule: "embedded-aws", at: ran.endedAt, node: undefined, detail };
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
      const record = await checkedRun(candidate, sample.seed, 1, options);
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

const replayCommand = ({ source }: Pick<SimulateOptions, "source">, seed: number, runs: number): string =>
  `npx warden simulate ${source} --seed ${seed} --runs ${runs}`;
