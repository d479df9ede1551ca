/**
 * What AWS does to instances without being asked. There is no EC2 operation for any of it, so it stands beside the
 * service, for the simulator and the local command.
 */

import { AwsError } from "../../aws-error.ts";
import type { EventIntake, Surroundings } from "../../region.ts";
import type { Capacity, Market } from "./capacity.ts";
import { rebalanceRecommendation, spotInterruption } from "./events.ts";
import { hasEnded, type InstanceRecord } from "./instance-record.ts";
import type { InstanceStore } from "./instances.ts";
import { createMaintenance, type Maintenance } from "./maintenance.ts";
import { SPOT_TERMINATION } from "./transitions.ts";

export interface InstanceFaults extends Maintenance {
  /** Takes a Spot Instance back: the notice now, the end when `noticeMs` are over. */
  interruptSpot(instanceId: string, noticeMs?: number): void;
  recommendRebalance(instanceId: string): void;
  /** Fails both status checks; the machine itself goes on. */
  impair(instanceId: string): void;
  recover(instanceId: string): void;
  /** From now on launches and starts in this zone answer InsufficientInstanceCapacity. */
  exhaustCapacity(zone: string, market?: Market): void;
  restoreCapacity(zone: string, market?: Market): void;
}

/** EC2 User Guide, "Spot Instance interruption notices". */
const SPOT_NOTICE = 120_000;

export function createFaults(
  surroundings: Surroundings,
  events: EventIntake,
  store: InstanceStore,
  capacity: Capacity,
): InstanceFaults {
  const { clock } = surroundings;

  function interruptSpot(instanceId: string, noticeMs = SPOT_NOTICE): void {
    const record = liveSpot(store, instanceId);
    record.host.metadata.spotAction = { action: "terminate", time: instant(clock.now() + noticeMs) };
    events.emit(spotInterruption(record.instance, "terminate"));
    clock.after(noticeMs, () => store.terminate(record, SPOT_TERMINATION));
  }

  function recommendRebalance(instanceId: string): void {
    const record = liveSpot(store, instanceId);
    record.host.metadata.rebalance = { noticeTime: instant(clock.now()) };
    events.emit(rebalanceRecommendation(surroundings, record.instance));
  }

  return {
    ...createMaintenance(surroundings, events, store),
    interruptSpot,
    recommendRebalance,
    impair: (instanceId) => store.setImpaired(store.existing(instanceId), true),
    recover: (instanceId) => store.setImpaired(store.existing(instanceId), false),
    exhaustCapacity: (zone, market = "on-demand") => capacity.exhaust(zone, market),
    restoreCapacity: (zone, market = "on-demand") => capacity.restore(zone, market),
  };
}

/** As the instance metadata writes times: seconds, in UTC. */
const instant = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

function liveSpot(store: InstanceStore, instanceId: string): InstanceRecord {
  const record = store.existing(instanceId);
  if (!record.instance.spot) {
    throw new AwsError("InvalidParameterValue", `The instance '${instanceId}' is not a Spot Instance.`);
  }
  if (hasEnded(record.instance.state)) {
    throw new AwsError("IncorrectInstanceState", `The instance '${instanceId}' has ended.`);
  }
  return record;
}
