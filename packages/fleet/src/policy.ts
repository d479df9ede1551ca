/** What a site may set about the care of its nodes. Durations in milliseconds. */
export interface Policy {
  readonly launchHook: string;
  readonly terminateHook: string;
  /** From the first sight of a launching node until it is given up, time on hold not counted. */
  readonly launchBudget: number;
  readonly bootstrapAttempts: number;
  /** Between two attempts of the same step. */
  readonly retryDelay: number;
  /** How often a step that waits for the node is looked at again. */
  readonly lookAgain: number;
  /** How long SSM may take to hand a command to the agent. At least 30 s: SendCommand's own minimum. */
  readonly commandDelivery: number;
  /** Between two looks at a shared dependency that is down. */
  readonly holdRecheck: number;
  /** Between two read-only verifications of a node in service. */
  readonly verifyEvery: number;
  /** How long a node serves with a new configuration before it is verified with it once more, and counts as proven. */
  readonly soak: number;
  /** How long work on a leaving node may take to end. */
  readonly drainBudget: number;
  /** Part of the desired capacity that may be out of service for Warden's own reasons, rounded up, at least one node. */
  readonly disruptionBudget: number;
  /** Nodes in service that a voluntary disruption never goes below; undefined means the group's minimum size. */
  readonly capacityFloor: number | undefined;
  /** Failed launches in a row after which failing nodes are kept rather than replaced. */
  readonly breakerThreshold: number;
  /** What Warden may do with a node that is bad by its own fault. */
  readonly unhealthyMode: Mode;
  /** With one that AWS recommends to replace, because its spot capacity may be reclaimed. */
  readonly rebalanceMode: Mode;
  /** With one whose host AWS is going to maintain. */
  readonly maintenanceMode: Mode;
}

/** `observe`: only say what it would do. `approve`: do it when a person has approved just that. */
export const modes = ["observe", "approve", "enforce"] as const;
export type Mode = (typeof modes)[number];

export const defaultPolicy: Policy = {
  launchHook: "warden-launch",
  terminateHook: "warden-terminate",
  launchBudget: minutes(15),
  bootstrapAttempts: 3,
  retryDelay: seconds(10),
  lookAgain: seconds(5),
  commandDelivery: seconds(60),
  holdRecheck: seconds(30),
  verifyEvery: minutes(15),
  soak: seconds(30),
  drainBudget: minutes(15),
  disruptionBudget: 0.2,
  capacityFloor: undefined,
  breakerThreshold: 5,
  unhealthyMode: "enforce",
  rebalanceMode: "enforce",
  maintenanceMode: "enforce",
};

/** A heartbeat runs each minute; three of them must fit, or one lost beat ends the action. */
const shortestHookTimeout = seconds(180);

/**
 * What cannot work, with the arithmetic.
 * @param hooks the hooks of a group as Auto Scaling describes them, time-outs in milliseconds
 */
export function impossible(policy: Policy, hooks: readonly { name: string; timeout: number }[]): readonly string[] {
  const problems: string[] = [];
  for (const hook of hooks) {
    if (hook.name !== policy.launchHook && hook.name !== policy.terminateHook) continue;
    if (hook.timeout < shortestHookTimeout) {
      problems.push(
        `hook ${hook.name} times out after ${hook.timeout / 1000} s; three heartbeats of 60 s need ${shortestHookTimeout / 1000} s`,
      );
    }
    const limit = globalLimit(hook.timeout);
    const longest = hook.name === policy.launchHook ? policy.launchBudget : policy.drainBudget;
    if (longest >= limit) {
      problems.push(
        `hook ${hook.name} ends for good after ${limit / 1000} s (the lesser of 48 h and 100 time-outs); the budget alone is ${longest / 1000} s`,
      );
    }
  }
  return problems;
}

/** The lesser of 48 hours and one hundred time-outs (EC2 Auto Scaling guide, lifecycle hooks). */
export function globalLimit(hookTimeout: number): number {
  return Math.min(172_800_000, 100 * hookTimeout);
}

function seconds(count: number): number {
  return count * 1000;
}

function minutes(count: number): number {
  return count * 60_000;
}
