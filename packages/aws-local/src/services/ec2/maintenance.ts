/** Scheduled events: announced by AWS Health and the instance metadata, carried out at their time (EC2 User Guide, "Scheduled events for your instances"). */

import { AwsError } from "../../aws-error.ts";
import type { EventIntake, InstanceMetadata, Surroundings } from "../../region.ts";
import { healthEvent } from "./events.ts";
import type { InstanceRecord, ScheduledEvent, ScheduledEventCode } from "./instance-record.ts";
import type { InstanceStore } from "./instances.ts";
import { SCHEDULED_STOP } from "./transitions.ts";

export interface Maintenance {
  /** Returns the id of the scheduled event. Times are milliseconds since the epoch. */
  scheduleMaintenance(
    instanceId: string,
    event: { readonly code: ScheduledEventCode; readonly notBefore: number; readonly notAfter?: number },
  ): string;
  cancelMaintenance(instanceId: string, eventId: string): void;
}

const DESCRIPTIONS: Readonly<Record<ScheduledEventCode, string>> = {
  "instance-reboot": "The instance is scheduled for a reboot",
  "instance-retirement": "The instance is running on degraded hardware",
  "instance-stop": "The instance is scheduled to be stopped",
  "system-maintenance": "The instance is undergoing network or power maintenance",
  "system-reboot": "The host of the instance is scheduled for a reboot",
};

export function createMaintenance(surroundings: Surroundings, events: EventIntake, store: InstanceStore): Maintenance {
  const { clock, random } = surroundings;

  function announce(record: InstanceRecord, event: ScheduledEvent): void {
    showInMetadata(record);
    events.emit(healthEvent(surroundings, record.instance, event, clock.now()));
  }

  function carryOut(record: InstanceRecord, event: ScheduledEvent): void {
    if (record.instance.state !== "running") return;
    finish(record, event, "completed");
    if (event.code === "instance-reboot" || event.code === "system-reboot") store.reboot(record);
    else if (event.code !== "system-maintenance") store.stop(record, SCHEDULED_STOP, "shutdown");
  }

  function finish(record: InstanceRecord, event: ScheduledEvent, state: "completed" | "canceled"): void {
    event.timer?.cancel();
    event.state = state;
    announce(record, event);
  }

  /** A stop and start moves the instance to another host, which the event does not concern. */
  store.onStateChange((instance, previous) => {
    if (instance.state !== "pending" || previous !== "stopped") return;
    const record = store.existing(instance.instanceId);
    for (const event of record.scheduledEvents) {
      if (event.state === "active") finish(record, event, "completed");
    }
  });

  return {
    scheduleMaintenance(instanceId, { code, notBefore, notAfter }) {
      const record = store.existing(instanceId);
      const event: ScheduledEvent = {
        id: `instance-event-${random.hex(17)}`,
        code,
        notBefore,
        notAfter,
        description: DESCRIPTIONS[code],
        state: "active",
        timer: undefined,
      };
      event.timer = clock.after(notBefore - clock.now(), () => carryOut(record, event));
      record.scheduledEvents.push(event);
      announce(record, event);
      return event.id;
    },

    cancelMaintenance(instanceId, eventId) {
      const record = store.existing(instanceId);
      const event = record.scheduledEvents.find(({ id }) => id === eventId);
      if (event === undefined) {
        throw new AwsError("InvalidInstanceEventIDNotFound", `The instance event '${eventId}' does not exist`);
      }
      if (event.state === "active") finish(record, event, "canceled");
    },
  };
}

function showInMetadata(record: InstanceRecord): void {
  const shown: NonNullable<InstanceMetadata["maintenance"]> = record.scheduledEvents.map((event) => ({
    code: event.code,
    notBefore: metadataTime(event.notBefore),
    state: event.state,
  }));
  record.host.metadata.maintenance = shown;
}

/** `21 Jan 2019 09:00:43 GMT`: RFC 1123 without the day of the week. */
const metadataTime = (time: number): string => new Date(time).toUTCString().replace(/^\w+, 0?/, "");
