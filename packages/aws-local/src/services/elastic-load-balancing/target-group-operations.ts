/** Target groups: making, changing, describing and deleting them. */

import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { DuplicateTargetGroupNameException, ResourceInUseException } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Surroundings } from "../../region.ts";
import type { Operations, Validated } from "../../service.ts";
import { attributeList, defaultsOf, setAttributes, TARGET_GROUP_ATTRIBUTES } from "./attributes.ts";
import { notModelled, requireRange, targetGroupNotFound, validationError } from "./errors.ts";
import { pageOf } from "./paging.ts";
import type { Registry } from "./registry.ts";
import { healthCheckOf, requireOrdinaryName } from "./settings.ts";
import { type TagStore, tagsFrom } from "./tags.ts";
import type { TargetGroup } from "./target-group.ts";
import type { Targets } from "./targets.ts";

type TargetGroupOperations = Pick<
  Operations<typeof elb>,
  | "CreateTargetGroup"
  | "DeleteTargetGroup"
  | "DescribeTargetGroupAttributes"
  | "DescribeTargetGroups"
  | "ModifyTargetGroup"
  | "ModifyTargetGroupAttributes"
>;

type CreateInput = Validated<elb.CreateTargetGroupCommandInput>;

export function targetGroupOperations(
  { random, region, account }: Surroundings,
  registry: Registry,
  targets: Targets,
  tags: TagStore,
  vpcId: string,
): TargetGroupOperations {
  return {
    /** The same request again finds the same group (ELBv2 API Reference, CreateTargetGroup). */
    CreateTargetGroup(input) {
      const wanted = newGroup(input);
      const existing = [...registry.targetGroups.values()].find((group) => group.name === input.Name);
      if (existing === undefined) {
        registry.targetGroups.set(wanted.arn, wanted);
        tags.adopt(wanted.arn, tagsFrom(input.Tags));
      } else if (settingsOf(existing) !== settingsOf(wanted)) throw nameTaken(input.Name);
      return { TargetGroups: [describe(existing ?? wanted)] };
    },

    DescribeTargetGroups(input) {
      const all = [...registry.targetGroups.values()];
      const chosen = all.filter(
        (group) =>
          (input.TargetGroupArns?.includes(group.arn) ?? true) &&
          (input.Names?.includes(group.name) ?? true) &&
          (input.LoadBalancerArn === undefined || group.usedBy?.arn === input.LoadBalancerArn),
      );
      const known = (one: string): boolean => all.some((group) => group.arn === one || group.name === one);
      if (![...(input.TargetGroupArns ?? []), ...(input.Names ?? [])].every(known)) throw targetGroupNotFound();
      if (input.LoadBalancerArn !== undefined) registry.loadBalancer(input.LoadBalancerArn);
      const { items, ...rest } = pageOf(chosen, input);
      return { TargetGroups: items.map(describe), ...rest };
    },

    ModifyTargetGroup(input) {
      const group = registry.targetGroup(input.TargetGroupArn);
      group.healthCheck = healthCheckOf(input, group.healthCheck);
      return { TargetGroups: [describe(group)] };
    },

    DeleteTargetGroup(input) {
      const group = registry.targetGroups.get(input.TargetGroupArn);
      if (group === undefined) return {};
      if (registry.isForwardedTo(group)) {
        throw new ResourceInUseException({
          message: `Target group '${group.arn}' is currently in use by a listener or a rule`,
          $metadata: {},
        });
      }
      targets.clear(group);
      registry.targetGroups.delete(group.arn);
      tags.forget(group.arn);
      return {};
    },

    DescribeTargetGroupAttributes(input) {
      return { Attributes: attributeList(registry.targetGroup(input.TargetGroupArn).attributes) };
    },

    ModifyTargetGroupAttributes(input) {
      const { attributes } = registry.targetGroup(input.TargetGroupArn);
      setAttributes(TARGET_GROUP_ATTRIBUTES, attributes, input.Attributes, "target group");
      registry.settingsChanged();
      return { Attributes: attributeList(attributes) };
    },
  };

  function newGroup(input: CreateInput): TargetGroup {
    requireOrdinaryName(input.Name, "Target group");
    if (input.TargetType !== undefined && input.TargetType !== "instance") {
      throw notModelled(`A target group of type ${input.TargetType}`);
    }
    const { Protocol: protocol, Port: port, VpcId } = input;
    if (protocol === undefined) throw validationError("A protocol must be specified");
    if (protocol !== "HTTP" && protocol !== "HTTPS") throw notModelled(`A target group for ${protocol}`);
    if (port === undefined) throw validationError("A port must be specified");
    requireRange(port, "port", 1, 65_535);
    if (VpcId === undefined) throw validationError("A VPC ID must be specified");
    if (VpcId !== vpcId) throw validationError(`The VPC ID '${VpcId}' is not found`);
    if ((input.ProtocolVersion ?? "HTTP1") !== "HTTP1") throw notModelled(`Protocol version ${input.ProtocolVersion}`);
    if ((input.IpAddressType ?? "ipv4") !== "ipv4") throw notModelled("A target group for IPv6");
    if (input.TargetControlPort !== undefined) throw notModelled("A target control port");
    return {
      arn: `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${input.Name}/${random.hex(16)}`,
      name: input.Name,
      order: registry.nextOrder(),
      protocol,
      protocolVersion: "HTTP1",
      port,
      vpcId: VpcId,
      healthCheck: healthCheckOf(input, undefined),
      attributes: defaultsOf(TARGET_GROUP_ATTRIBUTES),
      targets: new Map(),
      usedBy: undefined,
      nextRound: undefined,
    };
  }
}

const settingsOf = ({ protocol, port, vpcId, healthCheck }: TargetGroup): string =>
  JSON.stringify([protocol, port, vpcId, healthCheck]);

const describe = (group: TargetGroup): elb.TargetGroup => ({
  TargetGroupArn: group.arn,
  TargetGroupName: group.name,
  TargetType: "instance",
  IpAddressType: "ipv4",
  Protocol: group.protocol,
  ProtocolVersion: group.protocolVersion,
  Port: group.port,
  VpcId: group.vpcId,
  HealthCheckEnabled: true,
  HealthCheckProtocol: group.healthCheck.protocol,
  HealthCheckPort: group.healthCheck.port,
  HealthCheckPath: group.healthCheck.path,
  HealthCheckIntervalSeconds: group.healthCheck.intervalSeconds,
  HealthCheckTimeoutSeconds: group.healthCheck.timeoutSeconds,
  HealthyThresholdCount: group.healthCheck.healthyThreshold,
  UnhealthyThresholdCount: group.healthCheck.unhealthyThreshold,
  Matcher: { HttpCode: group.healthCheck.matcher },
  LoadBalancerArns: group.usedBy === undefined ? [] : [group.usedBy.arn],
});

const nameTaken = (name: string): Error =>
  new DuplicateTargetGroupNameException({
    message: `A target group with the same name '${name}' exists, but with different settings`,
    $metadata: {},
  });
