/** A node, its record, and one look at it, with everything usual unless told. */
import {
  type Answer,
  type Command,
  type CommandView,
  type Decision,
  decide,
  defaultPolicy,
  type Episode,
  type GroupView,
  groupName,
  type Hint,
  instanceId,
  type Launch,
  type Leave,
  type Look,
  type NodeName,
  type NodeRecord,
  type Observation,
  type Phase,
  type Policy,
  siteName,
} from "../src/index.ts";

export const noon = Date.UTC(2026, 0, 12, 12);
export const node = instanceId("i-0123456789abcdef0");
export const others = ["1", "2", "3", "4"].map((end) => instanceId(`i-0123456789abcde0${end}`));
export const name: NodeName = { site: siteName("moodle"), group: groupName("web"), instance: node };
export const assigned = { release: "5.2", digest: "d1" };
export const policy = defaultPolicy;

export function record(phase: Phase, more: Partial<NodeRecord> = {}): NodeRecord {
  return { v: 1, ...name, phase, since: noon, lifecycleState: "Pending:Wait", served: false, slot: false, ...more };
}

export function group(more: Partial<GroupView> = {}): GroupView {
  return {
    desired: 5,
    min: 2,
    minApartFromFreeze: undefined,
    max: 10,
    inService: 5,
    slots: [],
    slotsInService: 0,
    hooks: [
      { name: "warden-launch", transition: "launching", timeout: 600_000 },
      { name: "warden-terminate", transition: "terminating", timeout: 600_000 },
    ],
    deregistrationDelay: 300_000,
    failedLaunches: 0,
    kept: undefined,
    unhealthy: 0,
    installed: false,
    changed: undefined,
    stale: undefined,
    ...more,
  };
}

export function seen(lifecycleState: string, more: Partial<Observation> = {}): Observation {
  return {
    lifecycleState,
    group: group(),
    agent: "online",
    command: undefined,
    target: "unknown",
    othersHealthy: undefined,
    hints: [],
    order: undefined,
    stopped: undefined,
    freeze: undefined,
    assigned,
    upgrade: undefined,
    ...more,
  };
}

export interface At {
  readonly now?: number;
  readonly pass?: string;
  readonly policy?: Partial<Policy>;
}

export function look(observation: Observation, { now = noon, pass = "p1", policy: set = {} }: At = {}): Look {
  return { seen: observation, policy: { ...policy, ...set }, now, pass };
}

export const decided = (before: NodeRecord | undefined, observation: Observation, at: At = {}): Decision =>
  decide(name, before, look(observation, at));

export const launch = (more: Partial<Launch> = {}): Launch => ({
  ...assigned,
  attempt: 1,
  deadline: noon + policy.launchBudget,
  notBefore: noon,
  ...more,
});

export const command = (step: Command["step"], intendedAt = noon): Command => ({
  step,
  batch: `b-${step}`,
  intendedAt,
});

export const launchEpisode = (more: Partial<Episode> = {}): Episode => ({
  transition: "launching",
  hook: "warden-launch",
  ordinal: 1,
  warmPool: false,
  startedAt: noon,
  hookTimeout: 600_000,
  ...more,
});

export const terminateEpisode = (more: Partial<Episode> = {}): Episode => ({
  ...launchEpisode(),
  transition: "terminating",
  hook: "warden-terminate",
  ordinal: 2,
  ...more,
});

export const answered = (answer: Answer): CommandView => ({ status: "answered", answer });

export const verdict = (
  is: Extract<Answer, { step: "verify" }>["verdict"],
  more: Partial<Extract<Answer, { step: "verify" }>> = {},
): CommandView =>
  answered({
    step: "verify",
    verdict: is,
    ...assigned,
    message: `it says ${is}`,
    drifted: false,
    blames: [],
    ...more,
  });

export const verified = { ...assigned, at: noon };

export const serving = (more: Partial<Extract<Phase, { name: "in-service" }>> = {}, rest: Partial<NodeRecord> = {}) =>
  record(
    { name: "in-service", nextVerifyAt: noon + policy.verifyEvery, failures: 0, ...more },
    { lifecycleState: "InService", verified, served: true, ...rest },
  );

export const leave = (more: Partial<Leave> = {}): Leave => ({
  cause: "auto-scaling",
  reason: "Auto Scaling ends it",
  startedBy: "auto-scaling",
  deadline: noon + policy.drainBudget,
  asked: "yes",
  shrink: false,
  evidence: "wanted",
  abandoned: [],
  ...more,
});

export const lifecycleHint = (
  transition: "launching" | "terminating",
  token: string,
  at = noon,
): Extract<Hint, { kind: "lifecycle-action" }> => ({
  kind: "lifecycle-action",
  transition,
  hook: transition === "launching" ? "warden-launch" : "warden-terminate",
  token,
  at,
});

export const actionTypes = (decision: Decision): string[] =>
  decision.actions.map((action) => (action.type === "send-command" ? action.step : action.type));
