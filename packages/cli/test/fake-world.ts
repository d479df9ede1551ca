/** A deployment in memory, with a terminal: as much of the ports as the command uses. The rest fails loudly. */
import { createHash } from "node:crypto";
import type {
  Deps,
  DetachingPort,
  GroupFacts,
  GroupState,
  LedgerEntry,
  Ports,
  Site,
  StopSwitch,
  StoredCalendar,
  StoredNode,
  StoredUpgrade,
  TargetStatus,
  Wake,
} from "@warden/control";
import { settingsOf, siteOf } from "@warden/control";
import {
  groupName,
  type HookView,
  type InstanceId,
  instanceId,
  type NodeKey,
  type NodeRecord,
  nodeKey,
  type Order,
  type Policy,
  siteName,
  type Upgrade,
} from "@warden/fleet";
import { documentNames, documentPrefix, documents } from "@warden/moodle";
import type { Incident } from "@warden/remediation";
import type { ReleaseStore } from "@warden/worlds/connect";
import { type Deployment, registeredDocumentsSchema } from "@warden/worlds/deployment";
import { bucketInMemory } from "../../aws/test/bucket.ts";
import type { Reach, RecoveryPoint, Surroundings } from "../src/context.ts";
import type { Inspection } from "../src/doctor/inspection.ts";
import type { LabHands } from "../src/lab.ts";
import type { StartLocal } from "../src/local-world.ts";
import { warden } from "../src/run.ts";
import type { Target } from "../src/target.ts";

export const startOfTime = Date.parse("2026-11-21T12:00:00Z");

export interface FakeWorld {
  readonly env: Record<string, string>;
  now: number;
  columns: number | undefined;
  readonly sites: Site[];
  readonly groups: Map<string, GroupFacts>;
  readonly states: Map<string, Partial<GroupState>>;
  readonly nodes: Map<string, StoredNode>;
  readonly newer: Set<string>;
  readonly orders: Map<string, Order>;
  readonly stops: Map<string, StopSwitch>;
  readonly calendars: Map<string, StoredCalendar>;
  readonly upgrades: Map<string, StoredUpgrade>;
  /** Those that are open, by site. */
  readonly incidents: Map<string, readonly Incident[]>;
  readonly ledger: Map<string, LedgerEntry[]>;
  /** Digests of what was put into the bucket. */
  readonly bundles: Set<string>;
  bucket(): Promise<ReleaseStore>;
  /** Undefined: nobody knows how to ask. */
  recoveryPoints: readonly RecoveryPoint[] | undefined;
  readonly targets: Map<InstanceId, TargetStatus>;
  readonly wakes: Wake[];
  readonly hooks: HookView[];
  /** What was changed in AWS, in order. */
  readonly calls: string[];
  readonly inspection: { -readonly [Name in keyof Inspection]: Inspection[Name] };
  readonly deployment: Deployment;
  lastSweep: number | undefined;
  /** What happens elsewhere while the command sleeps. */
  meanwhile: () => void;
  /** What happens just before a group is held. */
  whenSuspended: () => void;
  /** In place of a deployment that answers. */
  unreachable: Error | undefined;
  startLocal: StartLocal;
  lab: LabHands;
  readonly interruption: AbortController;
  /** Where the commands looked. */
  readonly targetsReached: Target[];
}

export interface Printed {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export function fakeWorld(): FakeWorld {
  let bucket: Promise<ReleaseStore> | undefined;
  const world: FakeWorld = {
    env: { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" },
    now: startOfTime,
    columns: undefined,
    sites: [],
    groups: new Map(),
    states: new Map(),
    nodes: new Map(),
    newer: new Set(),
    orders: new Map(),
    stops: new Map(),
    calendars: new Map(),
    upgrades: new Map(),
    incidents: new Map(),
    ledger: new Map(),
    bundles: new Set(),
    bucket: async () => (bucket ??= bucketInMemory(startOfTime).then(({ store }) => store)),
    recoveryPoints: undefined,
    targets: new Map(),
    wakes: [],
    hooks: [
      { name: "warden-launch", transition: "launching", timeout: 900_000 },
      { name: "warden-terminate", transition: "terminating", timeout: 900_000 },
    ],
    calls: [],
    inspection: healthyInspection(),
    deployment: deployment(),
    lastSweep: startOfTime - 20_000,
    meanwhile: () => {},
    whenSuspended: () => {},
    unreachable: undefined,
    startLocal: () => unused("startLocal"),
    lab: {
      startLab: () => unused("startLab"),
      labStatus: () => unused("labStatus"),
      downLab: () => unused("downLab"),
      missingPackages: () => unused("missingPackages"),
      installPackages: () => unused("installPackages"),
      loadLab: () => unused("loadLab"),
      breakInLab: () => unused("breakInLab"),
      healInLab: () => unused("healInLab"),
      benchLab: () => unused("benchLab"),
    },
    interruption: new AbortController(),
    targetsReached: [],
  };
  return world;
}

/** Runs `warden` with these words. */
export async function runWarden(world: FakeWorld, ...words: string[]): Promise<Printed> {
  const printed = { out: "", err: "" };
  const surroundings: Surroundings = {
    out: {
      write(text) {
        printed.out += text;
      },
      get columns() {
        return world.columns;
      },
    },
    err: {
      write(text) {
        printed.err += text;
      },
    },
    env: world.env,
    now: () => world.now,
    async sleep(ms) {
      world.now += ms;
      world.meanwhile();
    },
    user: () => "ann",
    interruption: () => world.interruption.signal,
    async reach(target) {
      world.targetsReached.push(target);
      if (world.unreachable !== undefined) throw world.unreachable;
      return reachOf(world);
    },
    startLocal: (options, tell) => world.startLocal(options, tell),
    lab: async () => world.lab,
  };
  const status = await warden(words, surroundings);
  return { status, ...printed };
}

const noCalendar: StoredCalendar = { calendar: { freezes: [], held: {} }, version: 0 };

// ---- Things to put into it ----------------------------------------------------------------------------------------

export function addSite(world: FakeWorld, name: string, policy: Partial<Policy> = {}): void {
  world.sites.push(siteOf(name, [name], policy));
  world.groups.set(name, {
    name: groupName(name),
    desired: 0,
    min: 1,
    max: 10,
    instances: [],
    targetGroupArns: ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/moodle/1"],
    healthCheckType: "EC2",
    suspended: [],
    protectsNew: false,
  });
}

/** One more node of the group, which then is desired, too. @returns its id */
export function addNode(world: FakeWorld, number: number, changes: Partial<NodeRecord> = {}, group = "moodle"): string {
  const id = `i-${String(number).padStart(17, "0")}`;
  const instance = instanceId(id);
  const record: NodeRecord = {
    v: 1,
    site: siteName(group),
    group: groupName(group),
    instance,
    phase: { name: "in-service", nextVerifyAt: world.now + 600_000, failures: 0 },
    since: world.now - 125_000,
    lifecycleState: "InService",
    verified: { release: "4.5.2", digest: "abcdef0123456789", at: world.now - 130_000 },
    served: true,
    slot: false,
    ...changes,
  };
  const facts = world.groups.get(group);
  if (facts === undefined) throw new Error(`no group ${group}`);
  world.groups.set(group, {
    ...facts,
    desired: facts.desired + 1,
    instances: [...facts.instances, { instance, lifecycleState: record.lifecycleState, isProtected: false }],
  });
  world.targets.set(instance, "healthy");
  setRecord(world, record, "in service");
  return id;
}

export function setRecord(world: FakeWorld, record: NodeRecord, why: string): void {
  world.nodes.set(nodeKey(record), { record, version: 1, dueAt: world.now + 20_000, why });
}

/** An upgrade of the site as the loop left it. */
export function setUpgrade(world: FakeWorld, changes: Partial<Upgrade>, why = ""): void {
  const upgrade: Upgrade = {
    ...{ v: 1, id: "up1", site: siteName("moodle"), from: {}, to: {}, by: "ann", reason: "autumn term" },
    ...{ startedAt: world.now, since: world.now, phase: "preflight", recoveryPoints: [], attempt: 0, moved: false },
    ...changes,
  };
  const version = (world.upgrades.get(upgrade.site)?.version ?? 0) + 1;
  world.upgrades.set(upgrade.site, { upgrade, version, dueAt: undefined, why });
}

export function recordOf(world: FakeWorld, id: string): NodeRecord {
  const found = [...world.nodes.values()].find((node) => node.record.instance === id);
  if (found === undefined) throw new Error(`no record of ${id}`);
  return found.record;
}

/** A decision in the ledger, now. */
export function decided(world: FakeWorld, id: string, entry: Partial<LedgerEntry>): void {
  const key = keyOf(id);
  const entries = world.ledger.get(key) ?? [];
  world.ledger.set(key, [
    ...entries,
    {
      v: 1,
      key,
      at: world.now,
      id: `e${entries.length}`,
      kind: "decision",
      phase: "in-service",
      phaseBefore: undefined,
      why: "",
      actions: [],
      evidence: {},
      ...entry,
    },
  ]);
}

/** Its group forgets it, and wants one fewer. */
export function removeNode(world: FakeWorld, id: string, desired: number): void {
  const record = recordOf(world, id);
  setRecord(world, { ...record, phase: { name: "gone" } }, "gone");
  const facts = world.groups.get(record.group);
  if (facts === undefined) return;
  const instances = facts.instances.filter((each) => each.instance !== id);
  world.groups.set(record.group, { ...facts, instances, desired });
}

export const keyOf = (id: string, group = "moodle"): NodeKey =>
  nodeKey({ site: siteName(group), group: groupName(group), instance: instanceId(id) });

// ---- The ports ----------------------------------------------------------------------------------------------------

function reachOf(world: FakeWorld): Reach {
  const ports = portsOf(world);
  const now = (): number => world.now;
  let ids = 0;
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const deps: Deps = { ports, now, id: () => `id${++ids}`, log, settings: settingsOf(ports, now) };
  const bundles = {
    async put(archive: Uint8Array): Promise<string> {
      const digest = createHash("sha256").update(archive).digest("hex");
      world.bundles.add(digest);
      return digest;
    },
  };
  const detaching: DetachingPort = {
    async deleteHook(group, hook) {
      world.hooks.splice(0, world.hooks.length, ...world.hooks.filter(({ name }) => name !== hook));
      world.calls.push(`delete ${hook} of ${group}`);
    },
    async dropSite(site) {
      world.sites.splice(0, world.sites.length, ...world.sites.filter((each) => each.site !== site));
      world.calls.push(`forget ${site}`);
    },
  };
  return {
    ...{ deps, deployment: world.deployment, inspection: world.inspection, bundles, releases: releasesOf(world) },
    detaching,
    recoveryPoints: async () =>
      world.recoveryPoints === undefined
        ? { points: [], lacking: "no recovery point is known" }
        : { points: world.recoveryPoints },
  };
}

/** In the embedded S3, which only those tests start that need it. */
const releasesOf = ({ bucket }: FakeWorld): ReleaseStore => ({
  put: async (release) => (await bucket()).put(release),
  list: async () => (await bucket()).list(),
  find: async (name) => (await bucket()).find(name),
});

function unused(what: string): never {
  throw new Error(`the command has no use for ${what}`);
}

function portsOf(world: FakeWorld): Ports {
  const stateOf = (key: string): GroupState => ({
    assigned: { release: "4.5.2", digest: "abcdef0123456789" },
    rollout: undefined,
    upgrade: world.upgrades.get(key.split("/")[0] ?? ""),
    installed: true,
    slots: [],
    failedLaunches: 0,
    kept: undefined,
    unhealthy: [],
    changed: undefined,
    stale: undefined,
    ...world.states.get(key),
  });
  return {
    autoScaling: {
      async describeInstances(ids) {
        const all = [...world.groups.values()].flatMap((group) =>
          group.instances.map((each) => ({ ...each, group: group.name })),
        );
        return new Map(
          all
            .filter((each) => ids.includes(each.instance))
            .map(({ instance, group, lifecycleState }) => [instance, { group, lifecycleState }]),
        );
      },
      async describeGroups(names) {
        return new Map(names.flatMap((name) => world.groups.get(name) ?? []).map((facts) => [facts.name, facts]));
      },
      describeHooks: async () => world.hooks,
      completeLifecycleAction: () => unused("completeLifecycleAction"),
      recordHeartbeat: () => unused("recordHeartbeat"),
      terminateInstance: () => unused("terminateInstance"),
      setDesiredCapacity: () => unused("setDesiredCapacity"),
      async suspendProcesses(group, processes) {
        world.calls.push(`suspend ${processes.join(", ")} of ${group}`);
        world.whenSuspended();
      },
      resumeProcesses: async (group, processes) => void world.calls.push(`resume ${processes.join(", ")} of ${group}`),
    },
    commands: {
      online: async (ids) => new Set(ids),
      send: () => unused("send"),
      invocations: () => unused("invocations"),
      find: () => unused("find"),
    },
    loadBalancing: {
      targetHealth: async (_, ids) => new Map(ids.map((id) => [id, world.targets.get(id) ?? "none"])),
      deregister: () => unused("deregister"),
      deregistrationDelay: async () => 300_000,
    },
    store: {
      sites: async () => world.sites,
      putSite: async (site) => {
        const known = world.sites.findIndex((each) => each.site === site.site);
        world.sites.splice(known, 1, site);
      },
      read: async (keys) => ({
        nodes: new Map(
          keys.flatMap((key) => {
            const node = world.nodes.get(key);
            return node === undefined || world.newer.has(key) ? [] : [[key, node] as const];
          }),
        ),
        newer: new Set(keys.filter((key) => world.newer.has(key))),
        orders: new Map(
          keys.flatMap((key) => {
            const order = world.orders.get(key);
            return order === undefined ? [] : [[key, order] as const];
          }),
        ),
        groups: new Map(
          world.sites.flatMap(({ site, groups }) =>
            groups.map((group) => [`${site}/${group}`, stateOf(`${site}/${group}`)]),
          ),
        ),
        stops: new Map(
          world.sites.flatMap(({ site }) => {
            const stop = world.stops.get(site);
            return stop === undefined ? [] : [[site, stop] as const];
          }),
        ),
        calendars: new Map(world.sites.map(({ site }) => [site, world.calendars.get(site) ?? noCalendar])),
      }),
      commit: () => unused("commit"),
      async commitRollout({ rollout, version, dueAt, ledger }) {
        const key = `${rollout.site}/${rollout.group}`;
        if ((stateOf(key).rollout?.version ?? 0) !== version) return "lost";
        world.states.set(key, { ...stateOf(key), rollout: { rollout, version: version + 1, dueAt, why: ledger.why } });
        world.ledger.set(ledger.key, [...(world.ledger.get(ledger.key) ?? []), ledger]);
        return "done";
      },
      calendar: async (site) => world.calendars.get(site) ?? noCalendar,
      calendars: async () =>
        new Map(
          world.sites.flatMap(({ site }) => {
            const calendar = world.calendars.get(site);
            return calendar === undefined ? [] : [[site, calendar] as const];
          }),
        ),
      async commitCalendar({ site, calendar, version }) {
        if ((world.calendars.get(site) ?? noCalendar).version !== version) return "lost";
        world.calendars.set(site, { calendar, version: version + 1 });
        return "done";
      },
      incidents: async (site) => ({ open: world.incidents.get(site) ?? [], version: 1 }),
      commitIncidents: () => unused("commitIncidents"),
      noteInstalled: () => unused("noteInstalled"),
      upgrade: async (site) => world.upgrades.get(site),
      async commitUpgrade({ upgrade, version, dueAt, ledger }) {
        if ((world.upgrades.get(upgrade.site)?.version ?? 0) !== version) return "lost";
        world.upgrades.set(upgrade.site, { upgrade, version: version + 1, dueAt, why: ledger.why });
        world.ledger.set(ledger.key, [...(world.ledger.get(ledger.key) ?? []), ledger]);
        return "done";
      },
      nodesOf: async (site, group) =>
        [...world.nodes.values()].filter(
          ({ record }) => record.site === site && record.group === group && !world.newer.has(nodeKey(record)),
        ),
      groupState: async (site, group) => stateOf(`${site}/${group}`),
      assign: () => unused("assign"),
      returnSlot: () => unused("returnSlot"),
      noteChange: () => unused("noteChange"),
      batches: () => unused("batches"),
      addBatch: () => unused("addBatch"),
      closeEpisode: () => unused("closeEpisode"),
      beats: () => unused("beats"),
      putBeat: () => unused("putBeat"),
      dropBeat: () => unused("dropBeat"),
      ledger: async (key, most) => (world.ledger.get(key) ?? []).toReversed().slice(0, most),
      unpublished: () => unused("unpublished"),
      published: () => unused("published"),
      note: () => unused("note"),
      putOrder: async (key, order) => void world.orders.set(key, order),
      dropOrder: async (key) => void world.orders.delete(key),
      stopped: async (site) => world.stops.get(site),
      async putStop(site, stop) {
        if (stop === undefined) world.stops.delete(site);
        else world.stops.set(site, stop);
      },
      lastSweep: async () => world.lastSweep,
      putSweep: () => unused("putSweep"),
    },
    lanes: {
      wake: async (_, wakes) => void world.wakes.push(...wakes),
      acknowledge: () => unused("acknowledge"),
    },
    bus: { publish: () => unused("publish") },
    lastGood: { read: () => unused("read"), publish: () => unused("publish") },
  };
}

function deployment(): Deployment {
  const queue = (lane: string) => ({
    url: `http://127.0.0.1:4566/123456789012/${lane}`,
    arn: `arn:aws:sqs:eu-west-1:123456789012:${lane}`,
    dlqUrl: `http://127.0.0.1:4566/123456789012/${lane}-dlq`,
    dlqArn: `arn:aws:sqs:eu-west-1:123456789012:${lane}-dlq`,
  });
  const named = (name: string) => ({ name: `local-${name}`, roleArn: `arn:aws:iam::123456789012:role/local-${name}` });
  return {
    v: 1,
    stage: "local",
    deployedAt: 0,
    table: "warden-local",
    bus: "warden-local",
    bucket: "warden-local-blobs",
    queues: { urgent: queue("urgent"), normal: queue("normal") },
    functions: Object.fromEntries(
      ["reconcile-urgent", "reconcile-normal", "sweep", "heartbeat", "notify"].map((name) => [name, named(name)]),
    ),
    documents: registeredDocumentsSchema().parse({
      prefix: documentPrefix,
      versions: Object.fromEntries(documentNames.map((name) => [name, "1"])),
    }),
    rules: ["local-launch", "local-terminate"],
    ownRules: ["local-notify"],
    schedules: ["local-sweep", "local-heartbeat"],
    resources: {
      groups: ["arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/moodle"],
      table: ["arn:aws:dynamodb:eu-west-1:123456789012:table/warden-local"],
      documents: ["arn:aws:ssm:eu-west-1:123456789012:document/Warden-Verify"],
      instances: ["arn:aws:ec2:eu-west-1:123456789012:instance/*"],
      lanes: ["arn:aws:sqs:eu-west-1:123456789012:urgent", "arn:aws:sqs:eu-west-1:123456789012:normal"],
      "target groups": ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/moodle/1"],
      bus: ["arn:aws:events:eu-west-1:123456789012:event-bus/warden-local"],
      "own lane": [],
    },
  };
}

function healthyInspection(): Inspection {
  return {
    queue: async () => ({ messages: 0, oldestAt: undefined }),
    rule: async () => ({ enabled: true, targets: 1 }),
    function: async () => ({ state: "Active", lastUpdate: "Successful" }),
    pollers: async (name) => [
      { queueArn: `arn:aws:sqs:eu-west-1:123456789012:${name.replace("local-reconcile-", "")}`, state: "Enabled" },
    ],
    denied: async () => [],
    group: async () => ({ healthCheckType: "EC2", suspended: [] }),
    hooks: async () => [
      { name: "warden-launch", transition: "launching", defaultResult: "ABANDON", timeout: 900_000 },
      { name: "warden-terminate", transition: "terminating", defaultResult: "CONTINUE", timeout: 900_000 },
    ],
    document: async (name) => JSON.stringify(documents.find((document) => document.name === name)?.content),
  };
}
