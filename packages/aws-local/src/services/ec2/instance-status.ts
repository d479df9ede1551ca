/** DescribeInstanceStatus: the two status checks, and what AWS has scheduled. */
import type * as ec2 from "@aws-sdk/client-ec2";
import type { Operations } from "../../service.ts";
import { invalidParameterCombination } from "./errors.ts";
import { type Filterable, matcherOf } from "./filters.ts";
import { recordsOf } from "./instance-operations.ts";
import { type InstanceRecord, type ScheduledEvent, stateOf } from "./instance-record.ts";
import type { InstanceHealth, InstanceStore } from "./instances.ts";
import type { Network } from "./network.ts";
import { pageOf } from "./paging.ts";

export function instanceStatusOperations(
  store: InstanceStore,
  network: Network,
): Pick<Operations<typeof ec2>, "DescribeInstanceStatus"> {
  const filters: Filterable<InstanceRecord> = {
    "availability-zone": ({ instance }) => [instance.availabilityZone],
    "instance-state-name": ({ instance }) => [instance.state],
    "instance-state-code": ({ instance }) => [String(stateOf(instance.state).Code)],
    "instance-status.status": (record) => [store.status(record)],
    "system-status.status": (record) => [store.status(record)],
    "event.code": (record) => record.scheduledEvents.map((event) => event.code),
    "event.instance-event-id": (record) => record.scheduledEvents.map((event) => event.id),
  };

  return {
    /** Unless all are asked for, only running instances are shown, even among those named by id. */
    DescribeInstanceStatus(input) {
      if (input.InstanceIds !== undefined && input.MaxResults !== undefined) {
        throw invalidParameterCombination("The parameter instancesSet cannot be used with the parameter maxResults");
      }
      const asked = input.InstanceIds === undefined ? [...store.all()] : recordsOf(store, input.InstanceIds);
      const matches = matcherOf(input.Filters, filters);
      const chosen = asked.filter(
        (record) => (input.IncludeAllInstances === true || record.instance.state === "running") && matches(record),
      );
      const { items, ...rest } = pageOf(chosen, (record) => record.order, input);
      return { InstanceStatuses: items.map(describe), ...rest };
    },
  };

  function describe(record: InstanceRecord): ec2.InstanceStatus {
    const { instance } = record;
    const summary = summaryOf(store.status(record), record.impairedSince);
    const zoneId = network.subnets.find((subnet) => subnet.zone === instance.availabilityZone)?.zoneId;
    return {
      InstanceId: instance.instanceId,
      AvailabilityZone: instance.availabilityZone,
      ...(zoneId === undefined ? {} : { AvailabilityZoneId: zoneId }),
      InstanceState: stateOf(instance.state),
      InstanceStatus: summary,
      SystemStatus: summary,
      ...(record.scheduledEvents.length === 0 ? {} : { Events: record.scheduledEvents.map(describeEvent) }),
    };
  }
}

function summaryOf(status: InstanceHealth, impairedSince: number | undefined): ec2.InstanceStatusSummary {
  if (status === "not-applicable") return { Status: status };
  const detail: ec2.InstanceStatusDetails = {
    Name: "reachability",
    Status: status === "ok" ? "passed" : status === "initializing" ? "initializing" : "failed",
    ...(impairedSince === undefined ? {} : { ImpairedSince: new Date(impairedSince) }),
  };
  return { Status: status, Details: [detail] };
}

/** An event that is over stays to be seen, marked in its description (EC2 API Reference, InstanceStatusEvent). */
function describeEvent(event: ScheduledEvent): ec2.InstanceStatusEvent {
  const mark = { active: "", completed: "[Completed] ", canceled: "[Canceled] " }[event.state];
  return {
    InstanceEventId: event.id,
    Code: event.code,
    Description: `${mark}${event.description}`,
    NotBefore: new Date(event.notBefore),
    ...(event.notAfter === undefined ? {} : { NotAfter: new Date(event.notAfter) }),
  };
}
