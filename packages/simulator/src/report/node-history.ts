/** What became of each node of one run, read from the facts. Pure; milliseconds. */
import type { Fact } from "../facts/fact.ts";

export interface NodeHistory {
  readonly node: string;
  /** When EC2 last began to start it; undefined for one that was there before the recording. */
  pendingAt: number | undefined;
  /** When its machine began to cost; undefined while it does not. */
  billedFrom: number | undefined;
  billed: number;
  provenAt: number | undefined;
  /** When Auto Scaling first put it in service. */
  inServiceAt: number | undefined;
  /** When it first was both in service and proven. */
  servingAt: number | undefined;
  leaving: boolean;
  /** Of the warm pool, whose instances are stopped in good order. */
  pooled: boolean;
  /** When it began to leave, by Warden's order or at the hook; the first of both. */
  drainFrom: number | undefined;
  drained: number | undefined;
  abandoned: boolean;
  terminatedAt: number | undefined;
  /** When it lost power without anybody's word. */
  lostAt: number | undefined;
  requestsDropped: number;
  tasksAbandoned: number;
}

export interface Span {
  readonly startedAt: number;
  readonly endedAt: number;
}

export function historiesOf(facts: readonly Fact[], span: Span): readonly NodeHistory[] {
  const histories = new Map<string, NodeHistory>();
  for (const fact of facts) {
    if (!("node" in fact) || fact.node === undefined) continue;
    const known = histories.get(fact.node);
    const history = known ?? unknownUntilNow(fact.node);
    histories.set(fact.node, history);
    if (known === undefined && servesAlready(fact)) history.billedFrom = span.startedAt;
    tell(history, fact, span);
  }
  for (const history of histories.values()) stopBilling(history, span.endedAt, span);
  return [...histories.values()];
}

/** A node that the recording meets in the middle of its life has cost since the start. */
const servesAlready = (fact: Fact): boolean => fact.kind === "lifecycle" && fact.state === "InService";

function tell(history: NodeHistory, fact: Fact, span: Span): void {
  if (fact.kind === "instance") instance(history, fact.state, fact.at, span);
  else if (fact.kind === "lifecycle") lifecycle(history, fact.state, fact.at);
  else if (fact.kind === "answer") answered(history, fact);
  else if (fact.kind === "phase") phase(history, fact.phase, fact.at);
  else if (fact.kind === "leaving") history.leaving = true;
  else if (fact.kind === "taken") beginsToLeave(history, fact.at);
  else if (fact.kind === "action-began") {
    if (fact.action.transition === "terminating") beginsToLeave(history, fact.at);
  } else if (fact.kind === "action-ended") actionEnded(history, fact);
  else if (fact.kind === "power-off") powerOff(history, fact);
}

function instance(history: NodeHistory, state: string, at: number, span: Span): void {
  if (state === "pending") {
    history.pendingAt = at;
    history.billedFrom ??= at;
  } else if (state === "running") history.billedFrom ??= at;
  else {
    stopBilling(history, at, span);
    if (state === "terminated") history.terminatedAt ??= at;
  }
}

/** Only what falls between the start and the end of the run counts: what came before is not its doing. */
function stopBilling(history: NodeHistory, at: number, { startedAt, endedAt }: Span): void {
  if (history.billedFrom === undefined) return;
  history.billed += Math.max(0, Math.min(at, endedAt) - Math.max(history.billedFrom, startedAt));
  history.billedFrom = undefined;
}

function lifecycle(history: NodeHistory, state: string, at: number): void {
  history.pooled = state.startsWith("Warmed");
  if (state === "InService") {
    history.inServiceAt ??= at;
    serves(history, at);
  } else if (state.startsWith("Terminat")) history.leaving = true;
  if (state === "Terminated") history.terminatedAt ??= at;
}

/** The hook's CONTINUE for a node that was what it had to be. */
function answered(history: NodeHistory, fact: Extract<Fact, { kind: "answer" }>): void {
  const { accepted, result, ready, proven, assigned } = fact;
  const right = proven?.release === assigned.release && proven.digest === assigned.digest;
  if (accepted && result === "CONTINUE" && ready && right) proves(history, fact.at);
}

function phase(history: NodeHistory, name: string, at: number): void {
  // A node that came in without the launch hook is never answered for: Warden's own word is all there is.
  if (name !== "in-service") return;
  proves(history, at);
  if (!history.leaving) history.drainFrom = undefined;
}

function proves(history: NodeHistory, at: number): void {
  history.provenAt ??= at;
  serves(history, at);
}

function serves(history: NodeHistory, at: number): void {
  if (history.inServiceAt !== undefined && history.provenAt !== undefined) history.servingAt ??= at;
}

function beginsToLeave(history: NodeHistory, at: number): void {
  if (history.inServiceAt !== undefined) history.drainFrom ??= at;
}

function actionEnded(history: NodeHistory, fact: Extract<Fact, { kind: "action-ended" }>): void {
  if (fact.action.transition === "launching") history.abandoned ||= fact.result === "ABANDON";
  else if (history.drainFrom !== undefined) history.drained ??= fact.at - history.drainFrom;
}

function powerOff(history: NodeHistory, fact: Extract<Fact, { kind: "power-off" }>): void {
  const { leaving, abandoned, pooled, drainFrom } = history;
  if (!(fact.announced || leaving || abandoned || pooled || drainFrom !== undefined)) {
    history.lostAt ??= fact.at;
    return;
  }
  history.requestsDropped += fact.requestsCut;
  history.tasksAbandoned += fact.tasksCut;
  if (drainFrom !== undefined) history.drained ??= fact.at - drainFrom;
}

const unknownUntilNow = (node: string): NodeHistory => ({
  node,
  pendingAt: undefined,
  billedFrom: undefined,
  billed: 0,
  provenAt: undefined,
  inServiceAt: undefined,
  servingAt: undefined,
  leaving: false,
  pooled: false,
  drainFrom: undefined,
  drained: undefined,
  abandoned: false,
  terminatedAt: undefined,
  lostAt: undefined,
  requestsDropped: 0,
  tasksAbandoned: 0,
});
