/**
 * One look at everything a batch of keys needs, with as few calls as the batch allows: one describe for fifty nodes,
 * one list for all nodes of a command. Nothing is decided here.
 */
import {
  type CommandView,
  type GroupName,
  type GroupView,
  type HookView,
  type InstanceId,
  type NodeKey,
  type NodeName,
  type NodeRecord,
  nodeKey,
  type Observation,
  stationOf,
} from "@warden/fleet";
import type { Deps, Settings } from "./deps.ts";
import { documentOf, interpret } from "./interpret.ts";
import type { Located, Place } from "./locate.ts";
import type { GroupFacts, GroupState, InstanceFacts, Invocation, Ports, Snapshot, TargetStatus } from "./ports.ts";

export interface Seen {
  readonly snapshot: Snapshot;
  readonly observations: ReadonlyMap<NodeKey, Observation>;
  readonly targetGroupArns: ReadonlyMap<GroupName, readonly string[]>;
}

export async function observe({ places, instances }: Located, deps: Deps, now: number): Promise<Seen> {
  const { ports } = deps;
  const keys = places.map((place) => nodeKey(place.name));
  const groups = [...new Set(places.map((place) => place.name.group))];
  const [snapshot, facts] = await Promise.all([ports.store.read(keys), ports.autoScaling.describeGroups(groups)]);
  const records = keys.flatMap((key) => snapshot.nodes.get(key)?.record ?? []);

  const [commands, online, targets, views] = await Promise.all([
    observeCommands(records, ports, now),
    ports.commands.online(whoseAgentMatters(places, snapshot, instances)),
    observeTargets(records, facts, ports),
    groupViews(places, snapshot, facts, deps.settings),
  ]);

  const observations = new Map<NodeKey, Observation>();
  for (const { name, hints } of places) {
    const key = nodeKey(name);
    const group = views.get(groupKey(name));
    const assigned = snapshot.groups.get(groupKey(name))?.assigned;
    if (group === undefined || assigned === undefined) continue;
    observations.set(key, {
      lifecycleState: instances.get(name.instance)?.lifecycleState ?? "absent",
      group,
      agent: online.has(name.instance) ? "online" : "offline",
      command: commands.get(key),
      target: targets.get(name.instance) ?? "unknown",
      hints,
      order: liveOrder(snapshot, key, now),
      stopped: snapshot.stops.get(name.site),
      assigned,
    });
  }
  const targetGroupArns = new Map([...facts].map(([name, group]) => [name, group.targetGroupArns]));
  return { snapshot, observations, targetGroupArns };
}

export const groupKey = (name: Pick<NodeName, "site" | "group">): string => `${name.site}/${name.group}`;

function liveOrder(snapshot: Snapshot, key: NodeKey, now: number): Observation["order"] {
  const order = snapshot.orders.get(key);
  return order !== undefined && order.expiresAt > now ? order : undefined;
}

// ---- Commands -----------------------------------------------------------------------------------------------------

async function observeCommands(
  records: readonly NodeRecord[],
  ports: Ports,
  now: number,
): Promise<Map<NodeKey, CommandView>> {
  const outstanding = records.flatMap((record) => {
    const command = "command" in record.phase ? record.phase.command : undefined;
    return command === undefined ? [] : [{ record, command }];
  });
  const sent = await ports.store.batches([...new Set(outstanding.map(({ command }) => command.batch))]);

  const invocationsOf = memoized((commandId: string) => ports.commands.invocations(commandId));
  const findBatch = memoized(async (batch: string) => {
    const command = outstanding.find((each) => each.command.batch === batch)?.command;
    if (command === undefined || now < command.intendedAt + searchAfter) return [];
    return ports.commands.find(documentOf[command.step], batch, command.intendedAt);
  });

  const views = new Map<NodeKey, CommandView>();
  await Promise.all(
    outstanding.map(async ({ record, command }) => {
      const batch = sent.get(command.batch);
      const refused = batch?.refused[record.instance];
      const commandIds = batch?.commandIds ?? (await findBatch(command.batch));
      const invocation = await firstInvocation(record.instance, commandIds, invocationsOf);
      const view: CommandView =
        refused !== undefined
          ? { status: "silent", detail: refused }
          : invocation === undefined
            ? { status: commandIds.length > 0 ? "under-way" : "not-found" }
            : interpret(command.step, invocation);
      views.set(nodeKey(record), view);
    }),
  );
  return views;
}

/** A lost command id is looked for only after the lists had time to show it. */
const searchAfter = 10_000;

async function firstInvocation(
  instance: InstanceId,
  commandIds: readonly string[],
  invocationsOf: (commandId: string) => Promise<ReadonlyMap<InstanceId, Invocation>>,
): Promise<Invocation | undefined> {
  for (const commandId of commandIds) {
    const invocation = (await invocationsOf(commandId)).get(instance);
    if (invocation !== undefined) return invocation;
  }
  return undefined;
}

// ---- Agents and targets -------------------------------------------------------------------------------------------

/** While a command is under way its own answer tells more than the agent's ping. */
function whoseAgentMatters(
  places: readonly Place[],
  snapshot: Snapshot,
  instances: ReadonlyMap<InstanceId, InstanceFacts>,
): InstanceId[] {
  return places.flatMap(({ name }) => {
    const state = instances.get(name.instance)?.lifecycleState;
    const phase = snapshot.nodes.get(nodeKey(name))?.record.phase;
    const busy = phase !== undefined && "command" in phase && phase.command !== undefined;
    const settled = phase?.name === "joining" || phase?.name === "released" || phase?.name === "gone";
    const beyond = state === undefined || stationOf(state) === "pending" || stationOf(state) === "ended";
    return beyond || settled || (busy && phase.name !== "in-service") ? [] : [name.instance];
  });
}

/** Asked only about nodes in service: a node on its way has other evidence. */
async function observeTargets(
  records: readonly NodeRecord[],
  facts: ReadonlyMap<GroupName, GroupFacts>,
  ports: Ports,
): Promise<Map<InstanceId, TargetStatus>> {
  const byTargetGroup = new Map<string, InstanceId[]>();
  for (const record of records) {
    if (record.phase.name !== "in-service") continue;
    for (const arn of facts.get(record.group)?.targetGroupArns ?? []) {
      byTargetGroup.set(arn, [...(byTargetGroup.get(arn) ?? []), record.instance]);
    }
  }
  const targets = new Map<InstanceId, TargetStatus>();
  await Promise.all(
    [...byTargetGroup].map(async ([arn, ids]) => {
      for (const [id, status] of await ports.loadBalancing.targetHealth(arn, ids)) {
        // In several target groups, the worst news counts.
        if (targets.get(id) !== "unhealthy") targets.set(id, status);
      }
    }),
  );
  return targets;
}

// ---- Groups -------------------------------------------------------------------------------------------------------

async function groupViews(
  places: readonly Place[],
  snapshot: Snapshot,
  facts: ReadonlyMap<GroupName, GroupFacts>,
  settings: Settings,
): Promise<Map<string, GroupView>> {
  const views = new Map<string, GroupView>();
  for (const { name } of places) {
    const key = groupKey(name);
    const group = facts.get(name.group);
    if (group === undefined || views.has(key)) continue;
    const [hooks, ...delays] = await Promise.all([
      settings.hooks(name.group),
      ...group.targetGroupArns.map((arn) => settings.deregistrationDelay(arn)),
    ]);
    views.set(key, groupView(group, snapshot.groups.get(key), hooks, Math.max(0, ...delays)));
  }
  return views;
}

function groupView(
  facts: GroupFacts,
  state: GroupState | undefined,
  hooks: readonly HookView[],
  deregistrationDelay: number,
): GroupView {
  const inService = new Set(
    facts.instances.filter((each) => each.lifecycleState === "InService").map((each) => each.instance),
  );
  const slots = state?.slots ?? [];
  return {
    desired: facts.desired,
    min: facts.min,
    max: facts.max,
    inService: inService.size,
    slots,
    slotsInService: slots.filter((instance) => inService.has(instance)).length,
    hooks,
    deregistrationDelay,
    failedLaunches: state?.failedLaunches ?? 0,
    kept: state?.kept,
    unhealthy: state?.unhealthy.length ?? 0,
  };
}

/** One call for each argument, however many ask at once. */
function memoized<T>(load: (argument: string) => Promise<T>): (argument: string) => Promise<T> {
  const loading = new Map<string, Promise<T>>();
  return (argument) => {
    const existing = loading.get(argument);
    if (existing !== undefined) return existing;
    const started = load(argument);
    loading.set(argument, started);
    return started;
  };
}
