export type { Dependency } from "@warden/moodle/site";
export type * from "./calendar.ts";
export { concerns } from "./dependencies.ts";
export { type Deps, type Log, type Settings, settingsOf } from "./deps.ts";
export {
  attached,
  type DetachedGroup,
  type DetachingPort,
  detach,
  type Traveller,
  travellers,
} from "./detach.ts";
export { Fault, type FaultKind, isFault } from "./fault.ts";
export { addFreeze, endFreeze, type FreezeWindow } from "./freeze-orders.ts";
export { type FreezePhase, keepFreezes } from "./freezes.ts";
export { type Beaten, heartbeat } from "./heartbeat.ts";
export { inParallel } from "./in-parallel.ts";
export { type DecisionEvidence, type LedgerEntry, siteKey } from "./ledger.ts";
export { groupView } from "./observe.ts";
export { type Asked, approve, type GivenVerb, giveOrder, resume, stop, withdrawOrder } from "./orders.ts";
export type * from "./ports.ts";
export { type Needed, type Readiness, readinessOf } from "./readiness.ts";
export { type Message, reconcile } from "./reconcile.ts";
export { type Ordered, returnRollout, startRollout } from "./rollout-orders.ts";
export { type Site, type SiteAlarm, siteOf, siteSchema } from "./site.ts";
export { lookAtSite } from "./site-sight.ts";
export { calendarSchema } from "./stored-calendar.ts";
export { incidentSchema } from "./stored-incident.ts";
export { type ReadNode, readNode } from "./stored-node.ts";
export { orderSchema, wantedSchema } from "./stored-order.ts";
export { peakNoticeSchema } from "./stored-peak-notice.ts";
export { rolloutSchema } from "./stored-rollout.ts";
export { upgradeSchema } from "./stored-upgrade.ts";
export { harmOfSuspended } from "./suspended.ts";
export { type Swept, sweep } from "./sweep.ts";
export type * from "./sweep-ports.ts";
export { type OrderedUpgrade, startUpgrade, type UpgradePlan, withdrawUpgrade } from "./upgrade-orders.ts";
export { type Wanted, wantedOf } from "./wanted.ts";
