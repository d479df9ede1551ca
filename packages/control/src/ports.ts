/**
 * What the loop needs of the world, in the loop's own words. `packages/aws` implements each on the AWS SDK; every
 * method rejects with a `Fault`.
 */
import type {
  Assigned,
  Episode,
  GroupName,
  GroupOfSite,
  HookView,
  InstanceId,
  NodeKey,
  NodeRecord,
  Order,
  Rollout,
  RolloutKey,
  SharedChange,
  SiteName,
  Upgrade,
  UpgradeKey,
} from "@warden/fleet";
import type { DocumentName } from "@warden/moodle";
import type { Incident } from "@warden/remediation";
import type { CalendarChange, StoredCalendar } from "./calendar.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Site } from "./site.ts";

export interface Ports {
  readonly autoScaling: AutoScalingPort;
  readonly commands: CommandsPort;
  readonly loadBalancing: LoadBalancingPort;
  readonly store: Store;
  readonly lanes: LanesPort;
  readonly bus: BusPort;
  readonly lastGood: LastGoodPort;
}

// ---- Auto Scaling ------------------------------------------------------------------------------------------------

export interface AutoScalingPort {
  /** Instances that no group has are left out of the answer. */
  describeInstances(ids: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, InstanceFacts>>;
  /** Groups that do not exist are left out. */
  describeGroups(names: readonly GroupName[]): Promise<ReadonlyMap<GroupName, GroupFacts>>;
  describeHooks(group: GroupName): Promise<readonly HookView[]>;
  completeLifecycleAction(
    action: LifecycleAction,
    result: "CONTINUE" | "ABANDON",
  ): Promise<"accepted" | "no-active-action">;
  recordHeartbeat(action: LifecycleAction): Promise<"accepted" | "no-active-action">;
  terminateInstance(instance: InstanceId, shrink: boolean): Promise<void>;
  setDesiredCapacity(group: GroupName, desired: number): Promise<void>;
  suspendProcesses(group: GroupName, processes: readonly string[]): Promise<void>;
  resumeProcesses(group: GroupName, processes: readonly string[]): Promise<void>;
}

export interface InstanceFacts {
  readonly group: string;
  readonly lifecycleState: string;
}

export interface GroupFacts {
  readonly name: GroupName;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  readonly instances: readonly InstanceOfGroup[];
  /** Instances that it launches are protected from scale-in. */
  readonly protectsNew: boolean;
  readonly targetGroupArns: readonly string[];
  readonly healthCheckType: string;
  /** Names of its processes that are suspended. */
  readonly suspended: readonly string[];
}

export interface InstanceOfGroup {
  readonly instance: InstanceId;
  readonly lifecycleState: string;
  /** From scale-in. */
  readonly isProtected: boolean;
}

export interface LifecycleAction {
  readonly group: GroupName;
  readonly hook: string;
  readonly instance: InstanceId;
  readonly token: string | undefined;
}

// ---- Run Command --------------------------------------------------------------------------------------------------

export interface CommandsPort {
  /** Those of the instances whose agent answers now. */
  online(ids: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>>;
  /** @returns the command id @throws Fault `gone` when one of the instances cannot be reached by SSM */
  send(command: OutgoingCommand): Promise<string>;
  /** How a command stands on these instances at least, by instance. */
  invocations(commandId: string, instances: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, Invocation>>;
  /** Commands of this document sent since `since` that carry this batch in their comment. */
  find(document: DocumentName, batch: string, since: number): Promise<readonly string[]>;
}

export interface OutgoingCommand {
  readonly document: DocumentName;
  /** At most 50. */
  readonly instances: readonly InstanceId[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly batch: string;
  /** Milliseconds. */
  readonly delivery: number;
}

export type Invocation =
  | { readonly status: "under-way" }
  | { readonly status: "ended"; readonly detail: string; readonly output: string };

// ---- Load balancing -----------------------------------------------------------------------------------------------

export interface LoadBalancingPort {
  targetHealth(targetGroupArn: string, ids: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, TargetStatus>>;
  deregister(targetGroupArn: string, ids: readonly InstanceId[]): Promise<void>;
  /** Milliseconds. */
  deregistrationDelay(targetGroupArn: string): Promise<number>;
}

export type TargetStatus = "none" | "initial" | "healthy" | "unhealthy" | "draining" | "unused";

// ---- The table ----------------------------------------------------------------------------------------------------

export interface Store {
  sites(): Promise<readonly Site[]>;
  putSite(site: Site): Promise<void>;
  read(keys: readonly NodeKey[]): Promise<Snapshot>;
  /** Writes one decision whole or not at all. */
  commit(change: Change): Promise<"done" | "lost">;
  commitRollout(change: RolloutChange): Promise<"done" | "lost">;
  upgrade(site: SiteName): Promise<StoredUpgrade | undefined>;
  commitUpgrade(change: UpgradeChange): Promise<"done" | "lost">;
  /** One of its nodes was verified, or served before Warden came: its site is installed. */
  noteInstalled(of: GroupOfSite): Promise<void>;
  nodesOf(site: SiteName, group: GroupName): Promise<readonly StoredNode[]>;

  groupState(site: SiteName, group: GroupName): Promise<GroupState>;
  assign(site: SiteName, group: GroupName, assigned: Assigned): Promise<void>;
  returnSlot(site: SiteName, group: GroupName, instance: InstanceId): Promise<void>;
  /** @returns false when what is written there is not older than `than`: it stays */
  noteChange(of: GroupOfSite, kind: "changed" | "stale", change: SharedChange, than: number): Promise<boolean>;

  /** Those that are open. */
  incidents(site: SiteName): Promise<StoredIncidents>;
  commitIncidents(change: IncidentsChange): Promise<"done" | "lost">;

  calendar(site: SiteName): Promise<StoredCalendar>;
  /** Of the sites that have one. */
  calendars(): Promise<ReadonlyMap<SiteName, StoredCalendar>>;
  commitCalendar(change: CalendarChange): Promise<"done" | "lost">;

  batches(names: readonly string[]): Promise<ReadonlyMap<string, SentBatch>>;
  /** Adds to what is known of a batch: it may have been sent in parts. */
  addBatch(name: string, sent: SentBatch): Promise<void>;
  /** Notes that AWS knows of no such action any more, unless the record has moved on to another passage. */
  closeEpisode(key: NodeKey, episode: Episode): Promise<void>;

  beats(): Promise<readonly Beat[]>;
  /** Both do nothing when the beat has ended, or belongs to another passage by now. */
  putBeat(beat: Beat): Promise<void>;
  dropBeat(beat: Beat): Promise<void>;

  ledger(key: LedgerEntry["key"], most: number): Promise<readonly LedgerEntry[]>;
  unpublished(most: number): Promise<readonly LedgerEntry[]>;
  published(entries: readonly LedgerEntry[]): Promise<void>;
  /** A row that belongs to no decision: an event nobody could read, a call that was denied. */
  note(entry: LedgerEntry): Promise<void>;

  putOrder(key: NodeKey, order: Order): Promise<void>;
  dropOrder(key: NodeKey): Promise<void>;
  stopped(site: SiteName): Promise<StopSwitch | undefined>;
  putStop(site: SiteName, stop: StopSwitch | undefined): Promise<void>;

  lastSweep(): Promise<number | undefined>;
  putSweep(at: number): Promise<void>;
}

export interface StoredNode {
  readonly record: NodeRecord;
  /** For the version check of the next write. */
  readonly version: number;
  readonly dueAt: number | undefined;
  readonly why: string;
}

export interface Snapshot {
  readonly nodes: ReadonlyMap<NodeKey, StoredNode>;
  /** Keys whose record was written by a newer Warden, or is damaged: left alone. */
  readonly newer: ReadonlySet<NodeKey>;
  readonly orders: ReadonlyMap<NodeKey, Order>;
  /** By `site/group`. */
  readonly groups: ReadonlyMap<string, GroupState>;
  readonly stops: ReadonlyMap<SiteName, StopSwitch>;
  readonly calendars: ReadonlyMap<SiteName, StoredCalendar>;
}

export interface GroupState {
  readonly assigned: Assigned | undefined;
  /** The one that goes on, or was the last. */
  readonly rollout: StoredRollout | undefined;
  /** Of the whole site: the one that goes on, or was the last. */
  readonly upgrade: StoredUpgrade | undefined;
  /** One of its nodes was verified once. */
  readonly installed: boolean;
  readonly slots: readonly InstanceId[];
  readonly failedLaunches: number;
  readonly kept: InstanceId | undefined;
  /** Nodes in service whose last verification blamed the node itself. */
  readonly unhealthy: readonly InstanceId[];
  /** The last of each, however long ago. */
  readonly changed: SharedChange | undefined;
  readonly stale: SharedChange | undefined;
}

export interface StoredRollout {
  readonly rollout: Rollout;
  /** For the version check of the next write. */
  readonly version: number;
  readonly dueAt: number | undefined;
  readonly why: string;
}

export interface RolloutChange {
  readonly rollout: Rollout;
  /** 0 when the group never had one. */
  readonly version: number;
  readonly dueAt: number | undefined;
  readonly ledger: LedgerEntry;
  /** The candidate becomes what the group's nodes are assigned. */
  readonly conclude: boolean;
  /** It is new: lost where an upgrade of the site goes on. */
  readonly begins: boolean;
}

export interface StoredUpgrade {
  readonly upgrade: Upgrade;
  /** For the version check of the next write. */
  readonly version: number;
  readonly dueAt: number | undefined;
  readonly why: string;
}

export interface UpgradeChange {
  readonly upgrade: Upgrade;
  /** 0 when the site never had one. */
  readonly version: number;
  readonly dueAt: number | undefined;
  readonly ledger: LedgerEntry;
  /** What groups are assigned from now on, by their names. */
  readonly assign: Readonly<Record<string, Assigned>>;
  /** It is new: lost where a rollout goes on in one of the groups. */
  readonly begins: boolean;
}

export interface StoredIncidents {
  readonly open: readonly Incident[];
  /** For the version check of the next write; 0 when the site never had one. */
  readonly version: number;
}

export interface IncidentsChange extends StoredIncidents {
  readonly site: SiteName;
  /** Of each that opened or closed. */
  readonly ledger: readonly LedgerEntry[];
}

export interface StopSwitch {
  readonly by: string;
  readonly reason: string;
  readonly at: number;
}

/** What came of sending a batch: command ids (more than one when SSM refused some instances), and who was refused. */
export interface SentBatch {
  readonly commandIds: readonly string[];
  readonly refused: Readonly<Record<string, string>>;
}

export interface Beat {
  readonly key: NodeKey;
  readonly action: LifecycleAction;
  /** Milliseconds. */
  readonly hookTimeout: number;
  readonly nextAt: number;
  readonly until: number;
}

export interface Change {
  readonly key: NodeKey;
  readonly record: NodeRecord;
  /** 0 for a record that is new. */
  readonly version: number;
  readonly dueAt: number | undefined;
  readonly ledger: LedgerEntry;
  /** Only the time of the next look is new: the ledger gets no row. */
  readonly quiet: boolean;
  /** `none`: there is nothing to beat for any more; undefined: as before. */
  readonly beat: Beat | "none" | undefined;
  /** A slot is won only while fewer than `limit` are in use. */
  readonly slot: { readonly claim: true; readonly limit: number } | { readonly claim: false } | undefined;
  readonly launchOutcome: "succeeded" | "failed" | "kept" | undefined;
  /** True when the node was kept for the post-mortem and is no longer. */
  readonly keptEnds: boolean;
  /** Set when the node's own health changed in the eyes of its group. */
  readonly health: "unhealthy" | "healthy" | undefined;
}

// ---- Lanes and bus ------------------------------------------------------------------------------------------------

export type Lane = "urgent" | "normal";

export interface LanesPort {
  wake(lane: Lane, wakes: readonly Wake[]): Promise<void>;
  /** Acknowledges messages of a batch before the rest of it is tried. */
  acknowledge(lane: Lane, receiptHandles: readonly string[]): Promise<void>;
}

export interface Wake {
  readonly key: NodeKey | RolloutKey | UpgradeKey;
  /** How many wake-ups in a row led here without an event. */
  readonly hops: number;
  /** The record's version when it was set: one that a newer has replaced leads to nothing. 0 asks for a look in any case. */
  readonly version: number;
  /** Milliseconds, below 15 minutes. */
  readonly delay: number;
  /** To be processed by itself: it may be what crashes. */
  readonly alone: boolean;
}

/** What a node makes of itself when nobody commands it: said where nodes can read it without Warden. */
export interface LastGoodPort {
  read(of: GroupOfSite): Promise<Assigned | undefined>;
  publish(of: GroupOfSite, assigned: Assigned): Promise<void>;
}

export interface BusPort {
  publish(entries: readonly LedgerEntry[]): Promise<void>;
}
