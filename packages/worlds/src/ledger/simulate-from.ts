/**
 * What might have come of a difference: a fleet of that size, to which the same kind of thing happens, simulated with
 * either policy. No replay of that night: the machines are modelled, and only the state of the group is the ledger's.
 */
import { type Policy, stationOf } from "@warden/fleet";
import { type Report, type Scenario, scenarioSchema } from "@warden/simulator";
import { simulate } from "../simulate/simulate.ts";
import type { Difference } from "./hindsight.ts";

export interface SimulatedFrom {
  /** What happens to the fleet in it. */
  readonly happens: string;
  readonly runs: number;
  readonly own: Report;
  readonly other: Report;
}

const runs = 10;

/** @param options `now` dates the prices; `progress` is told of each run of both policies */
export async function simulateFrom(
  difference: Difference,
  policies: { readonly own: Policy; readonly other: Policy },
  options: { readonly now: number; readonly workers: number; readonly progress?: (done: number, of: number) => void },
): Promise<SimulatedFrom> {
  const { happens } = situationOf(difference);
  let done = 0;
  const progress = (): void => options.progress?.(++done, 2 * runs);
  const report = async (policy: Policy): Promise<Report> => {
    const scenario = scenarioFrom(difference, policy);
    const common = { source: scenario.name, seed: 1, runs, transport: "typed", shrink: false } as const;
    return (await simulate({ ...common, ...options, scenario, policy, progress })).report;
  };
  return { happens, runs, own: await report(policies.own), other: await report(policies.other) };
}

export function scenarioFrom(difference: Difference, policy: Policy): Scenario {
  const { group } = difference.look.seen;
  const { moment } = situationOf(difference);
  const desired = group.inService === 0 ? Math.max(1, group.desired) : group.inService;
  const hook = group.hooks.find(({ name }) => name === policy.launchHook);
  return scenarioSchema.parse({
    name: "from-the-ledger",
    for: "40m",
    fleet: {
      min: Math.min(group.min, desired),
      max: Math.max(group.max, desired + 1),
      desired,
      start: group.inService === 0 ? "empty" : "settled",
      deregistrationDelay: `${group.deregistrationDelay}ms`,
      budget: policy.disruptionBudget,
      ...(hook !== undefined && { hookTimeout: `${hook.timeout}ms` }),
    },
    timeline: moment === undefined ? [] : [{ at: "2m", ...moment }],
  });
}

interface Situation {
  readonly happens: string;
  /** Undefined: it is what a group does that starts empty. */
  readonly moment: Readonly<Record<string, unknown>> | undefined;
}

/** What brought the node to where the policies part. */
function situationOf({ look }: Difference): Situation {
  const { seen, before } = look;
  const { group, order, lifecycleState, hints } = seen;
  if (group.inService === 0) return { happens: `its ${group.desired} nodes are launched`, moment: undefined };
  const notice = before?.notice?.kind ?? hints.find((hint) => hint.kind !== "lifecycle-action")?.kind;
  if (notice !== undefined) {
    return { happens: `a ${notice} notice for one node`, moment: { [notice]: { nodes: 1 } } };
  }
  if (order?.verb === "drain" || order?.verb === "replace") {
    return { happens: `an order to ${order.verb} one node`, moment: { operator: { [order.verb]: "any" } } };
  }
  switch (stationOf(lifecycleState)) {
    case "pending":
    case "pending-wait": {
      const scale = Math.max(group.desired, group.inService + 1);
      return { happens: `scaling from ${group.inService} to ${scale} nodes`, moment: { scale } };
    }
    case "terminating":
    case "terminating-wait": {
      const scale = Math.max(group.min, group.inService - 1);
      return { happens: `scaling from ${group.inService} to ${scale} nodes`, moment: { scale } };
    }
    default:
      return { happens: "one node dies", moment: { kill: { nodes: 1 } } };
  }
}
