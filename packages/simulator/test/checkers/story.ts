/** Facts written by hand, in seconds, and what a checker says to them. */
import type { CheckedRun, Checker, Violation } from "../../src/checkers/checker.ts";
import type { Desired, Fact, FactDetail, FinalNode, Result } from "../../src/facts/fact.ts";

export const assigned: Desired = { release: "moodle-5.2", digest: "aaaa" };
export const other: Desired = { release: "moodle-5.1", digest: "bbbb" };

export const quietRun: CheckedRun = {
  startedAt: 0,
  floor: 2,
  budget: 0.2,
  deregistrationDelay: 300_000,
  drainBudget: 900_000,
  soak: 30_000,
  schema: "moodle-5.2",
  wardenIsDown: () => false,
};

export const downBetween =
  (from: number, to: number): CheckedRun["wardenIsDown"] =>
  (at) =>
    at >= from * 1_000 && at < to * 1_000;

export const at = (seconds: number, detail: FactDetail): Fact => ({ at: seconds * 1_000, ...detail });

/** Everything a checker has to say about a story. */
export function verdict(checker: Checker, facts: readonly Fact[]): readonly Violation[] {
  const end = facts.at(-1)?.at ?? 0;
  return [...facts.flatMap((fact) => checker.see(fact) ?? []), ...checker.end(end)];
}

// ---- Sentences --------------------------------------------------------------------------------------------------------

const launching = { hook: "warden-launch", transition: "launching", token: "t1" } as const;
const terminating = { hook: "warden-terminate", transition: "terminating", token: "t2" } as const;
const actions = { launch: launching, terminate: terminating };
type Which = keyof typeof actions;

export const began = (node: string, which: Which, token?: string): FactDetail => ({
  kind: "action-began",
  node,
  action: { ...actions[which], ...(token !== undefined && { token }) },
});

export const ended = (
  node: string,
  which: Which,
  how: { result?: Result; by?: "answer" | "timeout" | "deletion"; token?: string } = {},
): FactDetail => ({
  kind: "action-ended",
  node,
  action: { ...actions[which], ...(how.token !== undefined && { token: how.token }) },
  result: how.result ?? "CONTINUE",
  by: how.by ?? "answer",
});

export const answered = (
  node: string,
  which: Which,
  result: Result,
  more: Partial<Extract<FactDetail, { kind: "answer" }>> = {},
): FactDetail => ({
  kind: "answer",
  node,
  hook: actions[which].hook,
  result,
  by: "warden",
  accepted: true,
  ready: true,
  proven: assigned,
  assigned,
  ...more,
});

export const taken = (
  node: string,
  inService: readonly string[],
  more: Partial<Extract<FactDetail, { kind: "taken" }>> = {},
): FactDetail => ({
  kind: "taken",
  node,
  how: "deregister",
  by: "warden",
  announced: false,
  group: { desired: inService.length, min: 2, inService },
  ...more,
});

export const moved = (node: string, state: string): FactDetail => ({ kind: "lifecycle", node, state });
export const phase = (node: string, name: string, why = ""): FactDetail => ({ kind: "phase", node, phase: name, why });
export const part = (name: string, up: boolean): FactDetail => ({ kind: "shared", part: name, up });
export const lost = (node: string, detailType: string): FactDetail => ({ kind: "event-lost", detailType, node });

export const ran = (name: string, event: "began" | "ended" | "crashed", milliseconds = 0): FactDetail => ({
  kind: "function",
  name,
  event,
  milliseconds,
});

export const powerOff = (node: string, more: Partial<Extract<FactDetail, { kind: "power-off" }>> = {}): FactDetail => ({
  kind: "power-off",
  node,
  requestsCut: 0,
  tasksCut: 0,
  announced: false,
  ...more,
});

export const final = (
  nodes: readonly Partial<FinalNode>[],
  desired = nodes.length,
): FactDetail & { readonly kind: "final" } => {
  const full = nodes.map((each, index) => ({
    node: `i-${index + 1}`,
    state: "InService",
    ready: true,
    proven: assigned,
    assigned,
    ...each,
  }));
  const inService = full.filter(({ state }) => state === "InService").map(({ node }) => node);
  return { kind: "final", group: { desired, min: 2, inService }, nodes: full };
};

export const fleetOf = (size: number): readonly string[] =>
  Array.from({ length: size }, (_, index) => `i-${index + 1}`);
