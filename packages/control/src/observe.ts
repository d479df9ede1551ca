/**
 * One look at everything a batch of keys needs, with as few calls as the batch allows: one describe for fifty nodes,
 * one list for all nodes of a command. Nothing is decided here.
 */
import {
  assignedInUpgrade,
  assignedTo,
  type CommandView,
  freezeAt,
  type GroupName,
  type GroupView,
  type HeldScaling,
  type HookView,
  type InstanceId,
  type NodeKey,
  type NodeName,
  type NodeRecord,
  nodeKey,
  type Sighting,
  type Station,
  stationOf,
  upgradeView,
} from "@warden/fleet";
import type { Deps, Settings } from "./deps.ts";
import type { Place } from "./locate.ts";
import { observeCommands } from "./observe-commands.ts";
import { observeTargets, othersHealthy } from "./observe-targets.ts";
import type { GroupFacts, GroupState, Ports, Snapshot } from "./ports.ts";

export interface Seen {
  readonly snapshot: Snapshot;
  /** Of those who need a look. */
  readonly observations: ReadonlyMap<NodeKey, Sighting>;
  readonly targetGroupArns: ReadonlyMap<GroupName, readonly string[]>;
}

export async function observe(asked: readonly Place[], deps: Deps, now: number): Promise<Seen> {
  const { ports } = deps;
  const groups = [...new Set(asked.map((place) => place.name.group))];
  const [snapshot, facts] = await Promise.all([
    ports.store.read(asked.map((place) => nodeKey(place.name))),
    ports.autoScaling.describeGroups(groups),
  ]);
  const places = asked.filter((place) => !isOvertaken(place, snapshot));
  const keys = places.map((place) => nodeKey(place.name));
  deps.settings.whereabouts.learn(facts.values());
  const states = await lifecycleStates(places, facts, ports);
  const records = keys.flatMap((key) => snapshot.nodes.get(key)?.record ?? []);

  const [commands, online, targets, views] = await Promise.all([
    observeCommands(records, ports, now),
    ports.commands.online(whoseAgentMatters(places, snapshot, states, now)),
    observeTargets(records, facts, ports, deps.log),
    groupViews(places, snapshot, facts, deps.settings),
  ]);

  const alive = await whoStillAnswers(keys, snapshot, commands, ports);

  const observations = new Map<NodeKey, Sighting>();
  for (const { name, hints } of places) {
    const key = nodeKey(name);
    const group = views.get(groupKey(name));
    const calendar = snapshot.calendars.get(name.site)?.calendar;
    const { assigned, rollout, upgrade } = snapshot.groups.get(groupKey(name)) ?? {};
    if (group === undefined) {
      deps.log.warn("cannot decide about a node: its group does not exist", { key });
      continue;
    }
    observations.set(key, {
      lifecycleState: states.get(name.instance) ?? "absent",
      group,
      agent: online.has(name.instance) || alive.has(key) ? "online" : "offline",
      command: commands.get(key),
      target: targets.get(name.instance) ?? "unknown",
      othersHealthy: othersHealthy(snapshot.nodes.get(key)?.record, facts.get(name.group), targets),
      hints,
      order: liveOrder(snapshot, key, now),
      stopped: snapshot.stops.get(name.site),
      freeze: calendar && freezeAt(calendar.freezes, now),
      assigned:
        assigned &&
        assignedInUpgrade(
          snapshot.nodes.get(key)?.record ?? { ...name, phase: { name: "arriving" } },
          assignedTo(name.instance, assigned, rollout?.rollout),
          upgrade?.upgrade,
        ),
      upgrade: upgradeView(name, upgrade?.upgrade),
    });
  }
  const targetGroupArns = new Map([...facts].map(([name, group]) => [name, group.targetGroupArns]));
  return { snapshot, observations, targetGroupArns };
}

/**
 * Nothing but a wake-up led here, and it was set before the record last changed: with that change came a wake-up of its
 * own. A thousand nodes that launch at once would be looked at a third more often for nothing.
 */
function isOvertaken({ name, wake, demanded }: Place, snapshot: Snapshot): boolean {
  const stored = snapshot.nodes.get(nodeKey(name));
  return !demanded && stored !== undefined && (wake?.version ?? 0) < stored.version;
}

/** From the groups themselves; whom its group does not list is asked for by name before it is missed. */
async function lifecycleStates(
  places: readonly Place[],
  facts: ReadonlyMap<GroupName, GroupFacts>,
  ports: Ports,
): Promise<ReadonlyMap<InstanceId, string>> {
  const wanted = new Map(places.map(({ name }) => [name.instance, name.group]));
  const states = new Map<InstanceId, string>();
  for (const { name, instances } of facts.values()) {
    for (const each of instances)
      if (wanted.get(each.instance) === name) states.set(each.instance, each.lifecycleState);
  }
  const missing = [...wanted.keys()].filter((instance) => !states.has(instance));
  if (missing.length === 0) return states;
  for (const [instance, { group, lifecycleState }] of await ports.autoScaling.describeInstances(missing)) {
    // An instance that moved to another group is no longer in this one.
    if (wanted.get(instance) === group) states.set(instance, lifecycleState);
  }
  return states;
}

export const groupKey = (name: Pick<NodeName, "site" | "group">): string => `${name.site}/${name.group}`;

function liveOrder(snapshot: Snapshot, key: NodeKey, now: number): Sighting["order"] {
  const order = snapshot.orders.get(key);
  return order !== undefined && order.expiresAt > now ? order : undefined;
}

// ---- Agents -------------------------------------------------------------------------------------------------------

/** Everybody of whom the next step depends on it: who is not asked here seems to be offline. */
function whoseAgentMatters(
  places: readonly Place[],
  snapshot: Snapshot,
  states: ReadonlyMap<InstanceId, string>,
  now: number,
): InstanceId[] {
  return places.flatMap(({ name }) => {
    const state = states.get(name.instance);
    const phase = snapshot.nodes.get(nodeKey(name))?.record.phase;
    return state !== undefined && agentMatters(stationOf(state), phase, now) ? [name.instance] : [];
  });
}

function agentMatters(station: Station, phase: NodeRecord["phase"] | undefined, now: number): boolean {
  const { name } = phase ?? {};
  // While a command is under way its own answer tells more than the agent's ping, unless it is given up now.
  const late = phase !== undefined && "launch" in phase && now >= phase.launch.deadline;
  const busy = phase !== undefined && "command" in phase && phase.command !== undefined && !late;
  switch (station) {
    case "pending":
    case "ended":
      return false;
    case "pending-wait":
      return !busy && name !== "joining" && name !== "released";
    case "in-service":
      return name !== "joining" && !(busy && name === "leaving");
    case "terminating":
    case "terminating-wait":
      // Whatever it was in the middle of before: now it is drained, and for that its agent is needed.
      return name !== "released" && !(busy && name === "leaving");
    default:
      return true;
  }
}

/** Who has just answered is alive; whose command ended without an answer is asked once more. */
async function whoStillAnswers(
  keys: readonly NodeKey[],
  snapshot: Snapshot,
  commands: ReadonlyMap<NodeKey, CommandView>,
  ports: Ports,
): Promise<ReadonlySet<NodeKey>> {
  const ending = (status: CommandView["status"]) => keys.filter((key) => commands.get(key)?.status === status);
  const silent = ending("silent").flatMap((key) => snapshot.nodes.get(key)?.record ?? []);
  const online = await ports.commands.online(silent.map((record) => record.instance));
  return new Set([...ending("answered"), ...silent.filter((each) => online.has(each.instance)).map(nodeKey)]);
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
    const held = snapshot.calendars.get(name.site)?.calendar.held[name.group];
    views.set(key, groupView(group, snapshot.groups.get(key), held, hooks, Math.max(0, ...delays)));
  }
  return views;
}

/** A group as decisions see it: what Auto Scaling says, and what its nodes share in the table. */
export function groupView(
  facts: GroupFacts,
  state: GroupState | undefined,
  held: HeldScaling | undefined,
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
    minApartFromFreeze: held?.theirs.min,
    max: facts.max,
    inService: inService.size,
    slots,
    slotsInService: slots.filter((instance) => inService.has(instance)).length,
    hooks,
    deregistrationDelay,
    failedLaunches: state?.failedLaunches ?? 0,
    kept: state?.kept,
    unhealthy: state?.unhealthy.length ?? 0,
    installed: state?.installed ?? false,
    changed: state?.changed,
    stale: state?.stale,
  };
}
