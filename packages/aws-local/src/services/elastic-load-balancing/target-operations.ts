/** RegisterTargets, DeregisterTargets and DescribeTargetHealth. */
import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import { invalidTarget, notModelled } from "./errors.ts";
import { type Health, NOT_REGISTERED } from "./health.ts";
import type { Registry } from "./registry.ts";
import { type Target, type TargetGroup, targetKey } from "./target-group.ts";
import type { Targets } from "./targets.ts";

type TargetOperations = Pick<Operations<typeof elb>, "DeregisterTargets" | "DescribeTargetHealth" | "RegisterTargets">;

type TargetInput = Validated<elb.TargetDescription>;

export function targetOperations(
  { clock, random, timings }: Surroundings,
  registry: Registry,
  targets: Targets,
): TargetOperations {
  return {
    RegisterTargets(input) {
      const group = registry.targetGroup(input.TargetGroupArn);
      targets.register(
        group,
        input.Targets.map((target) => wantedIn(group, target)),
      );
      return {};
    },

    /** A target that is not there is no error (ELBv2 API Reference, DeregisterTargets). Without a port, all its ports go. */
    DeregisterTargets(input) {
      const group = registry.targetGroup(input.TargetGroupArn);
      for (const { Id, Port } of input.Targets) {
        for (const port of Port === undefined ? portsOf(group, Id) : [Port]) targets.deregister(group, Id, port);
      }
      return {};
    },

    /** May lag behind by the read-after-write gap. */
    DescribeTargetHealth(input) {
      if (input.Include?.includes("AnomalyDetection") === true || input.Include?.includes("All") === true) {
        throw notModelled("Anomaly detection");
      }
      const group = registry.targetGroup(input.TargetGroupArn);
      const at = clock.now() - random.integer(timings.staleReads.low, timings.staleReads.high);
      if (input.Targets === undefined) {
        const shown = [...group.targets.values()].flatMap((target) => describeAsOf(target, at) ?? []);
        return { TargetHealthDescriptions: shown };
      }
      return { TargetHealthDescriptions: input.Targets.map((target) => describeOne(group, target, at)) };
    },
  };
}

function wantedIn(
  group: TargetGroup,
  { Id, Port, AvailabilityZone }: TargetInput,
): { instanceId: string; port: number } {
  if (AvailabilityZone !== undefined) {
    throw invalidTarget("You cannot specify an Availability Zone for targets of type 'instance'");
  }
  return { instanceId: Id, port: Port ?? group.port };
}

function describeOne(group: TargetGroup, { Id, Port }: TargetInput, at: number): elb.TargetHealthDescription {
  const port = Port ?? group.port;
  const target = group.targets.get(targetKey(Id, port));
  const described = target === undefined ? undefined : describeAsOf(target, at);
  return described ?? description(group, Id, port, NOT_REGISTERED);
}

function describeAsOf(target: Target, at: number): elb.TargetHealthDescription | undefined {
  const health = target.changedAt <= at ? target.health : target.previous;
  return health === undefined ? undefined : description(target.group, target.instanceId, target.port, health);
}

const description = (
  { healthCheck }: TargetGroup,
  Id: string,
  Port: number,
  { state, reason, description }: Health,
): elb.TargetHealthDescription => ({
  Target: { Id, Port },
  HealthCheckPort: healthCheck.port === "traffic-port" ? String(Port) : healthCheck.port,
  TargetHealth: {
    State: state,
    ...(reason === undefined ? {} : { Reason: reason }),
    ...(description === undefined ? {} : { Description: description }),
  },
});

const portsOf = (group: TargetGroup, instanceId: string): number[] =>
  [...group.targets.values()].filter((target) => target.instanceId === instanceId).map((target) => target.port);
