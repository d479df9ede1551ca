/** Ports that keep everything in memory and write down what was asked of them. */
import {
  type Assigned,
  type GroupName,
  groupName,
  type HookView,
  type InstanceId,
  instanceId,
  type NodeKey,
  type NodeRecord,
  nodeKey,
} from "@warden/fleet";
import {
  type Alarm,
  type Beat,
  type Change,
  type Dependency,
  type Deps,
  type GroupFacts,
  type GroupState,
  type InstanceFacts,
  type Invocation,
  type LedgerEntry,
  type Ports,
  type SentBatch,
  type SiteAlarm,
  type StoredCalendar,
  type StoredIncidents,
  type StoredNode,
  type SweepPorts,
  settingsOf,
  siteOf,
  type Wake,
} from "../src/index.ts";

export const start = Date.UTC(2026, 0, 12, 8);
export const site = siteOf("moodle", ["web"]);
export const web = groupName("web");
export const i = (end: number): InstanceId => instanceId(`i-${String(end).padStart(17, "0")}`);
export const keyOf = (instance: InstanceId): NodeKey => nodeKey({ site: site.site, group: web, instance });

const hooks: readonly HookView[] = [
  { name: "warden-launch", transition: "launching", timeout: 600_000 },
  { name: "warden-terminate", transition: "terminating", timeout: 600_000 },
];

export interface Fake {
  readonly deps: Deps;
  now: number;
  /** Every call that changes something or costs something, in order. */
  readonly calls: string[];
  readonly states: Map<InstanceId, string>;
  readonly online: Set<InstanceId>;
  readonly nodes: Map<NodeKey, StoredNode>;
  readonly newer: Set<NodeKey>;
  readonly batches: Map<string, SentBatch>;
  readonly invocations: Map<string, Map<InstanceId, Invocation>>;
  readonly beats: Map<NodeKey, Beat>;
  readonly changes: Change[];
  readonly notes: LedgerEntry[];
  readonly outbox: LedgerEntry[];
  incidents: StoredIncidents;
  calendar: StoredCalendar;
  readonly wakes: Wake[];
  readonly logs: string[];
  state: GroupState;
  /** What a node would make of itself. */
  published: Assigned | undefined;
  facts: Partial<GroupFacts>;
  /** What ElastiCache remembers. */
  failovers: { name: string; at: number }[];
  /** What the site depends on. */
  dependencies: readonly Dependency[];
  /** The site's, and what CloudWatch says of all. */
  alarms: readonly SiteAlarm[];
  alarmsOn: readonly Alarm[];
  /** Called before each port call; throws to make it fail. */
  before: (call: string) => void;
}

/** What ElastiCache and CloudWatch say in this world. */
export const sweepPorts = (world: Fake): SweepPorts => ({
  caches: {
    async failovers() {
      world.calls.push("list failovers");
      return world.failovers;
    },
  },
  alarms: {
    async on() {
      world.calls.push("list alarms");
      world.before("list alarms");
      return world.alarmsOn;
    },
  },
  scaling: {
    async update(group, settings) {
      world.calls.push(`update ${group} ${JSON.stringify(settings)}`);
      world.before("update");
    },
    async protect(group, instances, isProtected) {
      world.calls.push(`${isProtected ? "protect" : "unprotect"} ${group} ${instances.join(" ")}`);
      world.before("protect");
    },
  },
});

export function fake(): Fake {
  const world: Omit<Fake, "deps"> = {
    ...{ now: start, calls: [], states: new Map(), online: new Set(), nodes: new Map(), newer: new Set() },
    ...{ batches: new Map(), invocations: new Map(), beats: new Map(), changes: [], notes: [], outbox: [] },
    incidents: { open: [], version: 0 },
    calendar: { calendar: { freezes: [], held: {} }, version: 0 },
    ...{ wakes: [], logs: [], facts: {}, failovers: [], dependencies: [], alarms: [], alarmsOn: [], before: () => {} },
    published: { release: "5.2", digest: "d1" },
    state: {
      ...{ assigned: { release: "5.2", digest: "d1" }, rollout: undefined },
      ...{ upgrade: undefined, installed: true },
      ...{ slots: [], failedLaunches: 0, kept: undefined, unhealthy: [], changed: undefined, stale: undefined },
    },
  };
  const ports = portsOf(world);
  let ids = 0;
  const log = (message: string) => void world.logs.push(message);
  const now = () => world.now;
  const deps: Deps = {
    ports,
    now,
    id: () => `id${ids++}`,
    log: { info: log, warn: log, error: log },
    settings: settingsOf(ports, now),
  };
  return Object.assign(world, { deps });
}

function portsOf(world: Omit<Fake, "deps">): Ports {
  const said = (call: string): void => {
    world.calls.push(call);
    world.before(call);
  };
  const groupFacts = (): GroupFacts => ({
    ...{
      name: web,
      desired: world.states.size,
      min: 1,
      max: 20,
      targetGroupArns: ["tg"],
      suspended: [],
      protectsNew: false,
      healthCheckType: "EC2",
    },
    instances: [...world.states].map(([instance, lifecycleState]) => ({
      instance,
      lifecycleState,
      isProtected: false,
    })),
    ...world.facts,
  });
  return {
    autoScaling: {
      async describeInstances(ids) {
        said("describeInstances");
        const known = ids.filter((id) => world.states.has(id));
        return new Map(
          known.map((id): [InstanceId, InstanceFacts] => [
            id,
            { group: "web", lifecycleState: world.states.get(id) ?? "" },
          ]),
        );
      },
      async describeGroups() {
        said("describeGroups");
        return new Map<GroupName, GroupFacts>([[web, groupFacts()]]);
      },
      describeHooks: async () => hooks,
      async completeLifecycleAction(action, result) {
        said(`complete ${action.instance} ${result}`);
        return world.states.get(action.instance)?.endsWith(":Wait") === true ? "accepted" : "no-active-action";
      },
      async recordHeartbeat(action) {
        said(`beat ${action.instance}`);
        return world.states.get(action.instance)?.endsWith(":Wait") === true ? "accepted" : "no-active-action";
      },
      terminateInstance: async (instance, shrink) => said(`terminate ${instance} ${shrink}`),
      setDesiredCapacity: async (_, desired) => said(`desire ${desired}`),
      suspendProcesses: async (_, processes) => said(`suspend ${processes}`),
      resumeProcesses: async (_, processes) => said(`resume ${processes}`),
    },
    commands: {
      online: async (ids) => new Set(ids.filter((id) => world.online.has(id))),
      async send(command) {
        said(`send ${command.document} ${command.instances.join(" ")}`);
        const id = `c${world.invocations.size}`;
        world.invocations.set(id, new Map(command.instances.map((each) => [each, { status: "under-way" }])));
        return id;
      },
      invocations: async (id) => world.invocations.get(id) ?? new Map(),
      find: async () => [],
    },
    loadBalancing: {
      async targetHealth(_, ids) {
        said("targetHealth");
        return new Map(ids.map((id) => [id, "healthy"]));
      },
      deregister: async (_, ids) => said(`deregister ${ids.join(" ")}`),
      deregistrationDelay: async () => 30_000,
    },
    lanes: {
      async wake(lane, wakes) {
        said(`wake ${lane} ${wakes.length}`);
        world.wakes.push(...wakes);
      },
      acknowledge: async (_, handles) => said(`acknowledge ${handles.join(" ")}`),
    },
    bus: { publish: async (entries) => said(`publish ${entries.length}`) },
    lastGood: {
      read: async () => world.published,
      async publish(_, assigned) {
        said(`publish last good ${assigned.digest}`);
        world.published = assigned;
      },
    },
    store: storeOf(world, said),
  };
}

const unused = async (): Promise<never> => {
  throw new Error("not expected here");
};

function storeOf(world: Omit<Fake, "deps">, said: (call: string) => void): Ports["store"] {
  return {
    sites: async () => [{ ...site, dependencies: world.dependencies, alarms: world.alarms }],
    read: async (keys) => ({
      nodes: new Map(
        keys
          .flatMap((key) => [[key, world.nodes.get(key)] as const])
          .flatMap(([key, node]) => (node ? [[key, node]] : [])),
      ),
      newer: world.newer,
      orders: new Map(),
      groups: new Map([["moodle/web", world.state]]),
      stops: new Map(),
      calendars: new Map([[site.site, world.calendar]]),
    }),
    async commit(change) {
      said(`commit ${change.key}`);
      if ((world.nodes.get(change.key)?.version ?? 0) !== change.version) return "lost";
      world.changes.push(change);
      const { record, version, dueAt, ledger } = change;
      world.nodes.set(change.key, { record: plain(record), version: version + 1, dueAt, why: ledger.why });
      if (change.beat === "none") world.beats.delete(change.key);
      else if (change.beat !== undefined) world.beats.set(change.key, change.beat);
      return "done";
    },
    async commitRollout({ rollout, version, dueAt, ledger, conclude }) {
      said(`commit rollout ${rollout.phase}`);
      if ((world.state.rollout?.version ?? 0) !== version) return "lost";
      const stored = { rollout, version: version + 1, dueAt, why: ledger.why };
      const assigned = conclude ? rollout.candidate : world.state.assigned;
      world.state = { ...world.state, assigned, rollout: stored };
      world.outbox.push(ledger);
      return "done";
    },
    upgrade: async () => world.state.upgrade,
    async commitUpgrade({ upgrade, version, dueAt, ledger, assign }) {
      said(`commit upgrade ${upgrade.phase}`);
      if ((world.state.upgrade?.version ?? 0) !== version) return "lost";
      const stored = { upgrade, version: version + 1, dueAt, why: ledger.why };
      world.state = { ...world.state, assigned: assign["web"] ?? world.state.assigned, upgrade: stored };
      world.outbox.push(ledger);
      return "done";
    },
    noteInstalled: async () => said("note installed"),
    nodesOf: async () => [...world.nodes.values()],
    groupState: async () => world.state,
    async returnSlot(_, __, instance) {
      said(`return slot ${instance}`);
    },
    async noteChange(_, kind, change, than) {
      said(`note ${kind}`);
      if ((world.state[kind]?.at ?? 0) >= than) return false;
      world.state = { ...world.state, [kind]: change };
      return true;
    },
    calendar: async () => world.calendar,
    calendars: async () => new Map([[site.site, world.calendar]]),
    async commitCalendar({ calendar, version, ledger }) {
      said(`commit calendar ${ledger.map(({ phase }) => phase).join(" ")}`.trimEnd());
      if (world.calendar.version !== version) return "lost";
      world.calendar = { calendar, version: version + 1 };
      return "done";
    },
    incidents: async () => world.incidents,
    async commitIncidents({ open, version, ledger }) {
      said(`commit incidents ${open.map(({ part }) => part).join(" ")}`.trimEnd());
      if (world.incidents.version !== version) return "lost";
      world.incidents = { open, version: version + 1 };
      world.outbox.push(...ledger);
      return "done";
    },
    batches: async () => world.batches,
    async addBatch(name, sent) {
      said(`batch ${name.split("-")[1]} ${sent.commandIds.length} sent ${Object.keys(sent.refused).length} refused`);
      const known = world.batches.get(name) ?? { commandIds: [], refused: {} };
      const commandIds = [...known.commandIds, ...sent.commandIds];
      world.batches.set(name, { commandIds, refused: { ...known.refused, ...sent.refused } });
    },
    closeEpisode: async (key) => said(`close ${key}`),
    beats: async () => [...world.beats.values()],
    putBeat: async (beat) => void world.beats.set(beat.key, beat),
    dropBeat: async (beat) => void world.beats.delete(beat.key),
    unpublished: async () => world.outbox,
    published: async (entries) => said(`published ${entries.length}`),
    note: async (entry) => void world.notes.push(entry),
    putSweep: async () => said("put sweep"),
    putSite: unused,
    assign: unused,
    ledger: unused,
    putOrder: unused,
    dropOrder: unused,
    stopped: async () => undefined,
    putStop: unused,
    lastSweep: unused,
  };
}

/** As it comes back from the table. */
const plain = (record: NodeRecord): NodeRecord => JSON.parse(JSON.stringify(record));
