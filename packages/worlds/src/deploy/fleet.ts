/** The site's own side: load balancer, launch template and Auto Scaling group with Warden's hooks in the group itself. */
import { CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, DescribeImagesCommand, DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { groupHealth, hooks, readiness } from "@warden/functions/deployed";
import { stageTag } from "@warden/functions/policy";
import type { DeployContext } from "./context.ts";

export interface FleetSettings {
  readonly group: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Seconds. */
  readonly hookTimeout: number;
  readonly deregistrationDelay: number;
  readonly healthCheckInterval: number;
  readonly launchHook: string;
  readonly terminateHook: string;
  /** Launch Spot Instances, which AWS may take back. */
  readonly spot?: boolean;
  /** In how many of the network's zones nodes are launched; in all of them unless said. */
  readonly zones?: number;
}

interface Network {
  readonly vpc: string;
  readonly subnets: readonly string[];
}

export async function findNetwork(context: DeployContext): Promise<Network> {
  const { Subnets = [] } = await context.clients.ec2.send(new DescribeSubnetsCommand({}));
  return { vpc: Subnets[0]?.VpcId ?? "", subnets: Subnets.map((subnet) => subnet.SubnetId ?? "") };
}

/** @returns the target group's ARN */
export async function deployLoadBalancer(
  context: DeployContext,
  settings: FleetSettings,
  network: Network,
): Promise<string> {
  const { loadBalancing } = context.clients;
  const balancer = await loadBalancing.send(
    new CreateLoadBalancerCommand({
      Name: settings.group,
      Type: "application",
      Scheme: "internal",
      Subnets: [...network.subnets],
    }),
  );
  const group = await loadBalancing.send(
    new CreateTargetGroupCommand({
      Name: settings.group,
      Protocol: "HTTP",
      Port: readiness.port,
      VpcId: network.vpc,
      TargetType: "instance",
      HealthCheckPath: readiness.path,
      HealthCheckIntervalSeconds: settings.healthCheckInterval,
      HealthCheckTimeoutSeconds: readiness.timeout,
      HealthyThresholdCount: readiness.healthy,
      UnhealthyThresholdCount: readiness.unhealthy,
      Matcher: { HttpCode: "200" },
    }),
  );
  const TargetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn ?? "";
  const delay = { Key: "deregistration_delay.timeout_seconds", Value: String(settings.deregistrationDelay) };
  await loadBalancing.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [delay] }));
  await loadBalancing.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer.LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "forward", TargetGroupArn }],
    }),
  );
  return TargetGroupArn;
}

interface Surroundings {
  readonly subnets: readonly string[];
  readonly targetGroupArn: string;
  readonly instanceProfile: string;
  readonly userData: string | undefined;
}

/** The group starts to launch at once, so everything that reacts to it must be there before. */
export async function deployGroup(context: DeployContext, settings: FleetSettings, where: Surroundings): Promise<void> {
  const { Images = [] } = await context.clients.ec2.send(new DescribeImagesCommand({}));
  const LaunchTemplateName = settings.group;
  await context.clients.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName,
      LaunchTemplateData: {
        ImageId: Images[0]?.ImageId ?? "",
        InstanceType: "t4g.medium",
        IamInstanceProfile: { Name: where.instanceProfile },
        MetadataOptions: { HttpTokens: "required" },
        // Of the template rather than the group: what is launched by hand from it and attached has it, too.
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: stageTag, Value: context.stage }] }],
        ...(where.userData !== undefined && { UserData: Buffer.from(where.userData).toString("base64") }),
        ...(settings.spot === true && { InstanceMarketOptions: { MarketType: "spot" as const } }),
      },
    }),
  );
  await context.clients.autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: settings.group,
      MinSize: settings.min,
      MaxSize: settings.max,
      DesiredCapacity: settings.desired,
      LaunchTemplate: { LaunchTemplateName, Version: "$Latest" },
      VPCZoneIdentifier: where.subnets.slice(0, settings.zones).join(","),
      TargetGroupARNs: [where.targetGroupArn],
      HealthCheckType: groupHealth.type,
      HealthCheckGracePeriod: groupHealth.gracePeriod,
      LifecycleHookSpecificationList: [
        { ...hookOf(settings, hooks[0]), LifecycleHookName: settings.launchHook },
        { ...hookOf(settings, hooks[1]), LifecycleHookName: settings.terminateHook },
      ],
      Tags: [{ Key: "warden:site", Value: settings.group, PropagateAtLaunch: true }],
    }),
  );
}

const hookOf = ({ hookTimeout }: FleetSettings, { transition, otherwise }: (typeof hooks)[number]) => ({
  ...{ LifecycleTransition: transition, HeartbeatTimeout: hookTimeout, DefaultResult: otherwise },
});
