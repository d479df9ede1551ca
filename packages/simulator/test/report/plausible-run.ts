/** Facts as a run of a growing and shrinking fleet would leave them, made by hand. */
import { seededRandom } from "@warden/aws-local";
import { noUnits } from "../../src/cost/control-plane.ts";
import type { Fact, FactDetail } from "../../src/facts/fact.ts";
import type { ReportedViolation } from "../../src/report/report.ts";
import type { RunRecord } from "../../src/report/run-record.ts";

export const startedAt = Date.UTC(2026, 0, 12, 8);
const minute = 60_000;
const desired = { release: "4.5.6", digest: "d1" };

export interface Facts {
  readonly list: readonly Fact[];
  /** Seconds after the start. */
  add(seconds: number, ...details: readonly FactDetail[]): void;
}

export function factsFrom(start: number = startedAt): Facts {
  const list: Fact[] = [];
  return {
    list,
    add(seconds, ...details) {
      for (const detail of details) list.push({ at: start + seconds * 1_000, ...detail });
    },
  };
}

export const phase = (node: string, name: string, why: string): FactDetail => ({
  kind: "phase",
  node,
  phase: name,
  why,
});
export const lifecycle = (node: string, state: string): FactDetail => ({ kind: "lifecycle", node, state });
export const instance = (node: string, state: string): FactDetail => ({ kind: "instance", node, state });

export const action = (node: string, transition: "launching" | "terminating") =>
  ({
    hook: transition === "launching" ? "warden-launch" : "warden-terminate",
    transition,
    token: `token-${node}`,
  }) as const;

export const answer = (node: string, hook: string, result: "CONTINUE" | "ABANDON", ready = true): FactDetail => ({
  kind: "answer",
  node,
  hook,
  result,
  by: "warden",
  accepted: true,
  ready,
  proven: ready ? desired : undefined,
  assigned: desired,
});

/** A launch that begins at `at` and serves after the four steps, in seconds. */
export function launch(
  facts: Facts,
  node: string,
  at: number,
  [agent, bootstrap, verify, join]: readonly [number, number, number, number],
): number {
  facts.add(at, instance(node, "pending"), lifecycle(node, "Pending"));
  facts.add(at + 4, instance(node, "running"), lifecycle(node, "Pending:Wait"));
  facts.add(
    at + 4,
    { kind: "action-began", node, action: action(node, "launching") },
    phase(node, "waiting-for-agent", "its agent is not online yet"),
  );
  facts.add(at + agent, phase(node, "bootstrapping", "the agent is online"));
  facts.add(at + agent + bootstrap, phase(node, "verifying", "bootstrap said ok"));
  const proven = at + agent + bootstrap + verify;
  facts.add(
    proven,
    phase(node, "joining", "verified; Auto Scaling registers it"),
    answer(node, "warden-launch", "CONTINUE"),
  );
  facts.add(proven, {
    kind: "action-ended",
    node,
    action: action(node, "launching"),
    result: "CONTINUE",
    by: "answer",
  });
  facts.add(proven + join, lifecycle(node, "InService"), phase(node, "in-service", "in service"));
  return proven + join;
}

/** Auto Scaling takes it: the hook opens at `at`, and `seconds` later the node is released. */
export function drain(
  facts: Facts,
  node: string,
  at: number,
  seconds: number,
  cut = { requestsCut: 0, tasksCut: 0 },
): void {
  facts.add(
    at,
    { kind: "leaving", node, cause: "a user request changed the desired capacity" },
    lifecycle(node, "Terminating:Wait"),
  );
  facts.add(
    at,
    { kind: "action-began", node, action: action(node, "terminating") },
    phase(node, "leaving", "Auto Scaling takes it"),
  );
  facts.add(
    at + seconds,
    phase(node, "released", "no request and no task left"),
    answer(node, "warden-terminate", "CONTINUE"),
  );
  facts.add(at + seconds, {
    kind: "action-ended",
    node,
    action: action(node, "terminating"),
    result: "CONTINUE",
    by: "answer",
  });
  facts.add(at + seconds + 2, { kind: "power-off", node, ...cut, announced: false }, instance(node, "shutting-down"));
  facts.add(at + seconds + 20, instance(node, "terminated"), lifecycle(node, "Terminated"));
}

export const violation: ReportedViolation = {
  rule: "rule-08",
  run: 1,
  at: 4_460,
  node: "i-0000000000000000c",
  detail: "a drain dropped 2 requests that were shorter than the deregistration delay of 300 s",
  replay: "npx warden simulate enrolment-morning.yaml --seed 4711 --runs 1",
  onWire: true,
  shrunk: "name: enrolment-morning\nfor: 10m\nfleet:\n  desired: 2\ntimeline:\n  - { at: 1m, spot: { nodes: 1 } }\n",
};

/** Two nodes become twelve and three again; one is refused, one dies, the database goes down for eight minutes. */
export function morning(seed = 4_711): RunRecord {
  const random = seededRandom(seed);
  const between = (low: number, high: number): number => low + random.next() * (high - low);
  const facts = factsFrom();
  const name = (index: number): string => `i-${index.toString(16).padStart(17, "0")}`;
  for (const index of [1, 2])
    facts.add(0, lifecycle(name(index), "InService"), phase(name(index), "in-service", "in service"));
  facts.add(600, { kind: "story", text: "desired capacity from 2 to 12" });
  for (let index = 3; index <= 12; index++) {
    const steps = [between(40, 90), between(40, 150), between(3, 9), between(10, 40)] as const;
    launch(facts, name(index), 600 + between(0, 15), steps);
  }
  facts.add(
    2_400,
    { kind: "story", text: "the database goes down for 8 min" },
    { kind: "shared", part: "database", up: false },
  );
  facts.add(2_880, { kind: "shared", part: "database", up: true });
  const held = name(13);
  facts.add(
    2_420,
    instance(held, "pending"),
    lifecycle(held, "Pending:Wait"),
    phase(held, "waiting-for-agent", "its agent is not online yet"),
  );
  facts.add(2_480, phase(held, "bootstrapping", "the agent is online"));
  facts.add(2_560, phase(held, "on-hold", "the database does not answer: nothing is this node's fault"));
  facts.add(2_890, phase(held, "verifying", "the database answers again"));
  facts.add(2_896, answer(held, "warden-launch", "CONTINUE"));
  facts.add(2_930, lifecycle(held, "InService"), phase(held, "in-service", "in service"));
  const bad = name(14);
  facts.add(
    3_000,
    instance(bad, "pending"),
    lifecycle(bad, "Pending:Wait"),
    phase(bad, "waiting-for-agent", "its agent is not online yet"),
  );
  facts.add(3_080, phase(bad, "bootstrapping", "the agent is online"));
  facts.add(3_500, phase(bad, "refused", "moodledata could not be mounted in three attempts"));
  facts.add(3_540, {
    kind: "action-ended",
    node: bad,
    action: action(bad, "launching"),
    result: "ABANDON",
    by: "answer",
  });
  facts.add(3_550, instance(bad, "shutting-down"));
  facts.add(3_580, instance(bad, "terminated"));
  facts.add(
    3_600,
    { kind: "story", text: "one node loses power" },
    { kind: "power-off", node: name(5), requestsCut: 4, tasksCut: 0, announced: false },
  );
  facts.add(3_690, instance(name(5), "terminated"), lifecycle(name(5), "Terminated"));
  launch(facts, name(15), 3_680, [60, 80, 5, 20]);
  facts.add(4_200, { kind: "story", text: "spot takes one node" });
  drain(facts, name(12), 4_380, 80, { requestsCut: 2, tasksCut: 1 });
  facts.add(5_400, { kind: "story", text: "an operator stops Warden for 10 min" }, { kind: "switch", stopped: true });
  facts.add(6_000, { kind: "switch", stopped: false });
  facts.add(6_600, { kind: "story", text: "desired capacity from 11 to 3" });
  for (const index of [3, 4, 6, 7, 8, 9, 10, 11]) drain(facts, name(index), 6_600 + between(0, 30), between(300, 330));
  for (let at = 0; at < 8; at++)
    facts.add(700 + at, { kind: "event-lost", detailType: "EC2 Instance-launch Lifecycle Action", node: name(3) });
  return recordOf(
    [...facts.list].sort((one, other) => one.at - other.at),
    { endedAt: startedAt + 150 * minute, seed },
  );
}

export function recordOf(facts: readonly Fact[], more: Partial<RunRecord> = {}): RunRecord {
  return {
    run: 1,
    seed: 1,
    startedAt,
    endedAt: startedAt + 60 * minute,
    facts,
    violations: [],
    calls: {
      "dynamodb:TransactWriteItems": 410,
      "dynamodb:Query": 330,
      "autoscaling:DescribeAutoScalingGroups": 168,
      "ssm:SendCommand": 44,
      "ssm:ListCommandInvocations": 96,
      "autoscaling:CompleteLifecycleAction": 23,
      "elasticloadbalancing:DescribeTargetHealth": 60,
      "events:PutEvents": 88,
    },
    functions: {
      "reconcile-urgent": { invocations: 212, gbSeconds: 60.4, crashes: 2 },
      "reconcile-normal": { invocations: 530, gbSeconds: 148.2, crashes: 3 },
      sweep: { invocations: 150, gbSeconds: 41, crashes: 1 },
      heartbeat: { invocations: 150, gbSeconds: 12.5, crashes: 0 },
    },
    requests: { served: 128_400, failed: 6 },
    units: { ...noUnits, tableWrites: 1_640, tableReads: 2_900, queueRequests: 2_120, events: 480, logBytes: 900_000 },
    ownShare: { seconds: [0.4, 0.6, 0.7, 0.9, 1.4], lowerBound: 0.3 },
    ...more,
  };
}
