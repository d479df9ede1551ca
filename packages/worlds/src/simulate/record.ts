/** From a run to what the report sums up. */
import type { ReportedViolation, RunRecord } from "@warden/simulator";
import type { Ran } from "./run.ts";

export function recordOf(
  ran: Ran,
  of: { readonly run: number; readonly seed: number; readonly violations: readonly ReportedViolation[] },
): RunRecord {
  return {
    ...of,
    startedAt: ran.startedAt,
    endedAt: ran.endedAt,
    facts: ran.recording.facts,
    calls: Object.fromEntries(ran.calls),
    functions: ran.functions,
    requests: ran.requests,
    units: ran.units,
    ownShare: ran.ownShare,
  };
}
