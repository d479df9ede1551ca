/** The life of instances: pending, running, stopping, stopped, shutting-down, terminated, and forgotten an hour later. */
import type {
  AgentRegistry,
  EventIntake,
  HostFactory,
  Hosts,
  Instance,
  InstanceState,
  Instances,
  Range,
  Surroundings,
} from "../../region.ts";
import type { Capacity } from "./capacity.ts";
import { incorrectState, instancesNotFound } from "./errors.ts";
import { stateChanged } from "./events.ts";
import { hasEnded, type InstanceRecord, type Launch, type Transition } from "./instance-record.ts";
import type { Network } from "./network.ts";
import type { TagStore } from "./tags.ts";
import { transitionFor } from "./transitions.ts";
import type { Volumes } from "./volumes.ts";

interface Machinery {
  readonly surroundings: Surroundings;
  readonly events: EventIntake;
  readonly createHost: HostFactory;
  readonly agents: AgentRegistry;
  readonly network: Network;
  readonly capacity: Capacity;
  readonly tags: TagStore;
  readonly volumes: Volumes;
}

/** The instances as EC2's own operations see them. */
export interface InstanceStore {
  launch(launch: Launch): InstanceRecord;
  terminate(record: InstanceRecord, reason: string): void;
  stop(record: InstanceRecord, reason: string, how: "shutdown" | "kill"): void;
  start(record: InstanceRecord): void;
  reboot(record: InstanceRecord): void;
  setImpaired(record: InstanceRecord, impaired: boolean): void;
  status(record: InstanceRecord): InstanceHealth;
  /** Throws `InvalidInstanceID.NotFound`. */
  existing(instanceId: string): InstanceRecord;
  get(instanceId: string): InstanceRecord | undefined;
  getByIp(privateIp: string): InstanceRecord | undefined;
  all(): IterableIterator<InstanceRecord>;
  onStateChange: Instances["onStateChange"];
  readonly hosts: Hosts;
}

export type InstanceHealth = "ok" | "initializing" | "impaired" | "not-applicable";

/** Describes show an ended instance for about an hour (EC2 User Guide, "Terminate your instance"). */
const FORGOTTEN_AFTER = 3_600_000;
/** Status checks run every minute (EC2 User Guide, "Status checks for your instances"). */
const FIRST_STATUS_CHECK = 60_000;

export function createInstanceStore(machinery: Machinery): InstanceStore {
  const { surroundings, events, network, capacity, tags, volumes } = machinery;
  const { clock, random, timings } = surroundings;
  const records = new Map<string, InstanceRecord>();
  const idsByIp = new Map<string, string>();
  const listeners: Parameters<Instances["onStateChange"]>[0][] = [];
  let launched = 0;

  tags.onChange((resourceId, changed) => {
    const record = records.get(resourceId);
    if (record !== undefined) record.instance = { ...record.instance, tags: changed };
  });

  // ---- steps of a life ----

  function launch({ request, settings, reservation }: Launch): InstanceRecord {
    const subnet = network.subnet(request.subnetId);
    capacity.require(request.availabilityZone, request.instanceType, request.spot);
    const instanceId = `i-${random.hex(17)}`;
    tags.adopt(instanceId, "instance", request.tags);
    const instance: Instance = {
      ...request,
      instanceId,
      privateIp: subnet.addresses.take(),
      launchedAt: clock.now(),
      state: "pending",
    };
    const record: InstanceRecord = {
      instance,
      host: machinery.createHost(instance, machinery.agents),
      settings,
      order: launched++,
      reservation,
      rootVolumeId: volumes.create(instanceId, request.availabilityZone, settings),
      disableApiTermination: settings.disableApiTermination,
      runningSince: undefined,
      impairedSince: undefined,
      transition: undefined,
      underWay: undefined,
      scheduledEvents: [],
    };
    records.set(instanceId, record);
    idsByIp.set(instance.privateIp, instanceId);
    events.emit(stateChanged(surroundings, instance));
    runLater(record);
    return record;
  }

  function runLater(record: InstanceRecord): void {
    after(record, timings.instanceStart, () => {
      record.runningSince = clock.now();
      record.host.powerOn();
      enter(record, "running");
    });
  }

  function start(record: InstanceRecord): void {
    const { state, instanceId, availabilityZone, instanceType, spot } = record.instance;
    if (state === "pending" || state === "running") return;
    if (state !== "stopped") throw incorrectState(instanceId, "started");
    capacity.require(availabilityZone, instanceType, spot);
    record.transition = undefined;
    record.instance = { ...record.instance, launchedAt: clock.now() };
    enter(record, "pending");
    runLater(record);
  }

  function stop(record: InstanceRecord, reason: string, how: "shutdown" | "kill"): void {
    const { state, instanceId } = record.instance;
    if (state === "stopping" || state === "stopped") return;
    if (state !== "running") throw incorrectState(instanceId, "stopped");
    leaveRunning(record, transitionFor(reason, clock.now()));
    record.host.powerOff(how);
    enter(record, "stopping");
    after(record, timings.instanceStop, () => enter(record, "stopped"));
  }

  function terminate(record: InstanceRecord, reason: string): void {
    const { state } = record.instance;
    if (hasEnded(state)) return;
    leaveRunning(record, transitionFor(reason, clock.now()));
    if (state === "stopped") {
      end(record);
      return;
    }
    if (state === "running") record.host.powerOff("shutdown");
    enter(record, "shutting-down");
    after(record, timings.instanceStop, () => end(record));
  }

  /** A reboot keeps the state, the address and the host. */
  function reboot(record: InstanceRecord): void {
    const { state, instanceId } = record.instance;
    if (state !== "running") throw incorrectState(instanceId, "rebooted");
    record.underWay?.cancel();
    record.host.powerOff("shutdown");
    after(record, timings.instanceStop, () => record.host.powerOn());
  }

  function leaveRunning(record: InstanceRecord, transition: Transition): void {
    record.underWay?.cancel();
    record.runningSince = undefined;
    record.impairedSince = undefined;
    record.transition = transition;
    for (const event of record.scheduledEvents) event.timer?.cancel();
  }

  function end(record: InstanceRecord): void {
    const { instanceId, privateIp, subnetId } = record.instance;
    record.host.dispose();
    volumes.release(record.rootVolumeId);
    idsByIp.delete(privateIp);
    network.subnet(subnetId).addresses.giveBack(privateIp);
    enter(record, "terminated");
    clock.after(FORGOTTEN_AFTER, () => {
      records.delete(instanceId);
      tags.forget(instanceId);
    });
  }

  // ---- how each step is taken ----

  function enter(record: InstanceRecord, state: InstanceState): void {
    const previous = record.instance.state;
    record.instance = { ...record.instance, state };
    const { instance } = record;
    events.emit(stateChanged(surroundings, instance));
    for (const listener of listeners) listener(instance, previous);
  }

  function after(record: InstanceRecord, range: Range, step: () => void): void {
    record.underWay = clock.after(random.integer(range.low, range.high), () => {
      record.underWay = undefined;
      step();
    });
  }

  function existing(instanceId: string): InstanceRecord {
    const record = records.get(instanceId);
    if (record === undefined) throw instancesNotFound([instanceId]);
    return record;
  }

  return {
    launch,
    terminate,
    stop,
    start,
    reboot,
    setImpaired(record, impaired) {
      record.impairedSince = impaired ? (record.impairedSince ?? clock.now()) : undefined;
    },
    status(record) {
      if (record.instance.state !== "running" || record.runningSince === undefined) return "not-applicable";
      if (record.impairedSince !== undefined) return "impaired";
      return clock.now() - record.runningSince < FIRST_STATUS_CHECK ? "initializing" : "ok";
    },
    existing,
    get: (instanceId) => records.get(instanceId),
    getByIp: (privateIp) => records.get(idsByIp.get(privateIp) ?? ""),
    all: () => records.values(),
    onStateChange: (listener) => void listeners.push(listener),
    hosts: {
      find(instanceId) {
        const record = records.get(instanceId);
        return record === undefined || record.instance.state === "terminated" ? undefined : record.host;
      },
    },
  };
}
