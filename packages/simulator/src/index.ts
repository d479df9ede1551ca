export { priceBook } from "@warden/cost";
export { allCheckers, notChecked } from "./checkers/all.ts";
export type { CheckedRun, Checker, Violation } from "./checkers/checker.ts";
export { expectationCheckers, judgeFigures } from "./checkers/expect.ts";
export { type Followed, follow } from "./checkers/follow.ts";
export { type BilledUnits, logBytesOf } from "./cost/control-plane.ts";
export { type TutoringBills, tutoringBills } from "./cost/tutoring-week.ts";
export type { Action, Caller, Desired, Fact, FactDetail, FinalNode, GroupTruth, Result } from "./facts/fact.ts";
export { createRecording, type Recording } from "./facts/recording.ts";
export { type MoodleNode, type MoodleNodeOptions, moodleNode } from "./node/moodle-node.ts";
export type { NodeDisk, NodeFault, NodeMemory, NodeState, NodeTelling, NodeTold } from "./node/node-state.ts";
export { awsNode, type NodeTimings, quickNode } from "./node/node-timings.ts";
export { type ReleaseMark, versionsOf } from "./node/release.ts";
export { healthySharedParts, type SharedParts } from "./node/shared-parts.ts";
export type { NodeCalls } from "./node/watcher.ts";
export { htmlReport } from "./report/html.ts";
export type { Report, ReportedViolation } from "./report/report.ts";
export type { FunctionUse, RunRecord, SampleRun } from "./report/run-record.ts";
export { createSummary, type Summary } from "./report/summarise.ts";
export { renderReport } from "./report/terminal.ts";
export { builtinNames, builtinScenario } from "./scenario/builtin.ts";
export type { PolicyChanges } from "./scenario/policy.ts";
export { readPolicy, readScenario } from "./scenario/read.ts";
export {
  type Breakable,
  type Expectation,
  type Moment,
  type ReleaseKind,
  releaseKinds,
  type Scenario,
  scenarioSchema,
} from "./scenario/schema.ts";
export { smaller } from "./scenario/shrink.ts";
export { readTrace, requestsIn, requestsInFlight, type UsersAt, usersOfCurve } from "./scenario/traffic.ts";
export { writeScenario } from "./scenario/write.ts";
