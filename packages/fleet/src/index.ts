export { decide } from "./decide.ts";
export type { Action, Decision } from "./decision.ts";
export { isOpen } from "./episode.ts";
export {
  type Freeze,
  type FreezeView,
  freezeAt,
  frozenText,
  inForceFrom,
  isInForce,
  nodesWanted,
  type PeakTelling,
  tellingDue,
} from "./freeze.ts";
export { budgetSize, disrupted, floorOf, type Guard, isApproved, mayDisrupt } from "./guards.ts";
export {
  giveBack,
  type HeldScaling,
  hold,
  isNothing,
  type ScalingChange,
  type ScalingFacts,
  type ScalingPlan,
} from "./held-scaling.ts";
export * from "./ids.ts";
export { type Station, stationOf } from "./lifecycle-state.ts";
export type { Look } from "./look.ts";
export type * from "./node-record.ts";
export type * from "./observation.ts";
export { isSame, sharedThings } from "./observation.ts";
export { defaultPolicy, globalLimit, impossible, type Mode, modes, type Policy } from "./policy.ts";
export {
  assignedTo,
  decideRollout,
  isOver,
  type Rollout,
  type RolloutDecision,
  type RolloutLook,
  type RolloutPhase,
} from "./rollout.ts";
export { hasNotSeen, type SharedChange } from "./shared-change.ts";
export { decideUpgrade } from "./upgrade.ts";
export type { UpgradeDecision, UpgradeLook } from "./upgrade-decision.ts";
export {
  assignedInUpgrade,
  isSettled,
  isUpgradeOver,
  type Rehearsal,
  type Upgrade,
  type UpgradePhase,
  upgradeView,
} from "./upgrade-record.ts";
export { length } from "./words.ts";
