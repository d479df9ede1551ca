/** What the loop would decide about an order now: the same pure decision, on facts that were just read. */
import { groupView } from "@warden/control";
import {
  type Decision,
  decide,
  freezeAt,
  type GroupView,
  mayDisrupt,
  type NodeRecord,
  type Observation,
  type Order,
} from "@warden/fleet";
import type { FoundNode } from "./choose.ts";
import type { Reach } from "./context.ts";
import { Problem, status } from "./errors.ts";

export interface Forecast {
  readonly group: GroupView;
  readonly permission: ReturnType<typeof mayDisrupt>;
  /** Undefined while the node is not in service: the order waits until it is. */
  readonly decision: Decision | undefined;
  readonly outcome: "now" | "replacement-first" | "refused" | "later";
}

export async function forecast(found: FoundNode, order: Order, { deps }: Reach): Promise<Forecast> {
  const { ports, settings } = deps;
  const { instance, group: groupName } = found.name;
  const [groups, online] = await Promise.all([
    ports.autoScaling.describeGroups([groupName]),
    ports.commands.online([instance]),
  ]);
  const facts = groups.get(groupName);
  if (facts === undefined) {
    throw new Problem(
      status.unreachable,
      `There is no Auto Scaling group ${groupName}, which site ${found.site.site} names`,
      "deploy the site again, or look with `warden doctor`",
    );
  }
  const [hooks, ...delays] = await Promise.all([
    settings.hooks(groupName),
    ...facts.targetGroupArns.map((arn) => settings.deregistrationDelay(arn)),
  ]);
  const group = groupView(facts, found.state, found.calendar?.held[groupName], hooks, Math.max(0, ...delays));
  const seen: Observation = {
    lifecycleState: found.lifecycleState,
    group,
    agent: online.has(instance) ? "online" : "offline",
    command: undefined,
    target: "unknown",
    othersHealthy: undefined,
    hints: [],
    order,
    stopped: found.stopped,
    freeze: found.calendar && freezeAt(found.calendar.freezes, deps.now()),
    assigned: found.state?.assigned ?? found.stored?.record.verified ?? { release: "", digest: "" },
    upgrade: undefined,
  };
  const look = { seen, policy: found.site.policy, now: deps.now(), pass: "forecast" };
  const permission = mayDisrupt(look, { instance, cause: "operator" });
  const record = found.stored?.record;
  if (record === undefined || !serves(record) || found.lifecycleState !== "InService") {
    return { group, permission, decision: undefined, outcome: permission.allowed ? "later" : "refused" };
  }
  const decision = decide(found.name, record, look);
  return { group, permission, decision, outcome: outcomeOf(decision, permission.allowed) };
}

/** It serves, as Warden's or as one that was there before: an order is carried out when the guards allow it. */
export const serves = ({ phase }: NodeRecord): boolean => phase.name === "in-service" || phase.name === "found";

function outcomeOf({ actions, record }: Decision, allowed: boolean): Forecast["outcome"] {
  if (allowed) return "now";
  // At the floor the group grows first: that is a yes, only later.
  const grows = actions.some((action) => action.type === "set-desired-capacity") || record.slot;
  return grows ? "replacement-first" : "refused";
}
