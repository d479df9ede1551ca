/** What EC2 and AWS Health put on the bus about instances (aws-semantics 3.4; all best effort). */
import type { Instance, ServiceEvent, Surroundings } from "../../region.ts";
import type { ScheduledEvent, ScheduledEventCode } from "./instance-record.ts";

type Place = Pick<Surroundings, "region" | "account">;

export const instanceArn = ({ region, account }: Place, instanceId: string): string =>
  `arn:aws:ec2:${region}:${account}:instance/${instanceId}`;

export const stateChanged = (place: Place, instance: Instance): ServiceEvent => ({
  source: "aws.ec2",
  detailType: "EC2 Instance State-change Notification",
  resources: [instanceArn(place, instance.instanceId)],
  detail: { "instance-id": instance.instanceId, state: instance.state },
});

/** Its resource names the zone where others name the region and account (EC2 guide, Spot interruption notices). */
export const spotInterruption = (instance: Instance, action: "terminate"): ServiceEvent => ({
  source: "aws.ec2",
  detailType: "EC2 Spot Instance Interruption Warning",
  resources: [`arn:aws:ec2:${instance.availabilityZone}:instance/${instance.instanceId}`],
  detail: { "instance-id": instance.instanceId, "instance-action": action },
});

export const rebalanceRecommendation = (place: Place, instance: Instance): ServiceEvent => ({
  source: "aws.ec2",
  detailType: "EC2 Instance Rebalance Recommendation",
  resources: [instanceArn(place, instance.instanceId)],
  detail: { "instance-id": instance.instanceId },
});

const HEALTH_TYPE_CODES: Readonly<Record<ScheduledEventCode, string>> = {
  "instance-reboot": "AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED",
  "instance-retirement": "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED",
  "instance-stop": "AWS_EC2_INSTANCE_STOP_SCHEDULED",
  "system-maintenance": "AWS_EC2_INSTANCE_NETWORK_MAINTENANCE_SCHEDULED",
  "system-reboot": "AWS_EC2_SYSTEM_REBOOT_MAINTENANCE_SCHEDULED",
};

/** Health writes times as RFC 1123 text and names the bare instance id as the resource. */
export function healthEvent(place: Place, instance: Instance, event: ScheduledEvent, now: number): ServiceEvent {
  const eventTypeCode = HEALTH_TYPE_CODES[event.code];
  const written = (time: number): string => new Date(time).toUTCString();
  return {
    source: "aws.health",
    detailType: "AWS Health Event",
    resources: [instance.instanceId],
    detail: {
      eventArn: `arn:aws:health:${place.region}::event/EC2/${eventTypeCode}/${eventTypeCode}_${event.id}`,
      service: "EC2",
      eventScopeCode: "ACCOUNT_SPECIFIC",
      communicationId: `${event.id}-1`,
      lastUpdatedTime: written(now),
      eventRegion: place.region,
      affectedAccount: place.account,
      eventTypeCode,
      eventTypeCategory: "scheduledChange",
      statusCode: event.state === "active" ? "upcoming" : "closed",
      startTime: written(event.notBefore),
      ...(event.notAfter === undefined ? {} : { endTime: written(event.notAfter) }),
      eventDescription: [{ language: "en_US", latestDescription: event.description }],
      affectedEntities: [{ entityValue: instance.instanceId, tags: instance.tags }],
      page: "1",
      totalPages: "1",
    },
  };
}
