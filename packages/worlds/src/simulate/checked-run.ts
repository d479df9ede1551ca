/** One run with all checkers beside it, as the report sums it up. */
import { defaultPolicy } from "@warden/fleet";
import {
  allCheckers,
  type CheckedRun,
  expectationCheckers,
  type Followed,
  follow,
  type ReportedViolation,
  type RunRecord,
  type Violation,
  versionsOf,
} from "@warden/simulator";
import { localAssigned } from "../local-site.ts";
import { recordOf } from "./record.ts";
import { type Ran, type RunSettings, run } from "./run.ts";

export interface CheckedRunOptions extends Pick<RunSettings, "scenario" | "transport" | "mutant" | "policy"> {
  /** How the scenario is named in commands: a built-in one's name or a file's path. */
  readonly source: string;
}

/** @param index of the run among many, from 1 */
export async function checkedRun(options: CheckedRunOptions, seed: number, index: number): Promise<RunRecord> {
  const { scenario, transport, mutant, policy } = options;
  let followed: Followed | undefined;
  const ran = await run({
    scenario,
    seed,
    transport,
    mutant,
    policy,
    watch(recording, startedAt) {
      const checked = checkedRunOf(options, startedAt);
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
      onWire: undefined,
      shrunk: undefined,
    }),
  );
  return recordOf(ran, { run: index, seed, violations });
}

function checkedRunOf({ scenario, policy }: CheckedRunOptions, startedAt: number): CheckedRun {
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
    drainBudget: policy?.drainBudget ?? defaultPolicy.drainBudget,
    soak: policy?.soak ?? defaultPolicy.soak,
    schema: fleet.site === "empty" ? undefined : versionsOf(localAssigned.release),
    wardenIsDown: (at) => outages.some(({ from, to }) => at >= startedAt + from && at <= startedAt + to),
  };
}

/** A run in which the embedded AWS itself failed has shown nothing. */
function defectOf(defect: unknown, ran: Ran): Violation {
  const detail = `a defect of the embedded AWS: ${defect instanceof Error ? defect.message : String(defect)}`;
  return { rule: "embedded-aws", at: ran.endedAt, node: undefined, detail };
}

export const replayCommand = ({ source }: Pick<CheckedRunOptions, "source">, seed: number, runs: number): string =>
  `npx warden simulate ${source} --seed ${seed} --runs ${runs}`;
