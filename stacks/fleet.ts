/** The site's nodes: launch template, and an Auto Scaling group that has Warden's hooks from its first instance on. */

import { groupHealth, hooks } from "@warden/functions/deployed";
import type { Resources } from "@warden/functions/policy";
import { adoptedGroup } from "./adopted.ts";
import type { Lanes } from "./lanes.ts";
import { groupOf, namedOf, titled, titleOf } from "./named.ts";
import { type Network, nodesOf } from "./network.ts";
import { nodeImage } from "./node-image.ts";
import { nodeProfile } from "./node-role.ts";
import type { SiteParts } from "./site-parts.ts";
import type { Nodes } from "./sizes.ts";
import type { Stage } from "./stage.ts";

export interface Given {
  readonly network: Network;
  /** What its nodes may reach. */
  readonly reach: Resources<$util.Input<string>>;
  readonly bucket: sst.aws.Bucket;
  readonly lanes: Lanes;
  /** What must be there before the first node is: the group launches at once. */
  readonly after: $util.Input<$util.Resource>[];
}

export function fleet(stage: Stage, parts: SiteParts, given: Given): void {
  const { nodes } = parts.site;
  if (nodes.kind === "existing") adoptedGroup(stage, parts, nodes, given);
  else newGroup(stage, parts, nodes, given);
}

function newGroup(stage: Stage, parts: SiteParts, nodes: Nodes, given: Given): void {
  const { site } = parts;
  const template = launchTemplate(stage, parts, nodes, given);
  const group = new aws.autoscaling.Group(
    titled(site, "Nodes"),
    {
      ...{ name: groupOf(site), minSize: nodes.min, maxSize: nodes.max },
      vpcZoneIdentifiers: given.network.nodeSubnets,
      ...launched(nodes, { id: template.id, version: $interpolate`${template.latestVersion}` }),
      ...(nodes.pool !== undefined && { warmPool: pooled(nodes.pool) }),
      ...{ targetGroupArns: [parts.targets.arn], healthCheckType: groupHealth.type },
      healthCheckGracePeriod: groupHealth.gracePeriod,
      // Here rather than as resources of their own, which would come after the group's first instances.
      initialLifecycleHooks: hooks.map(({ name, transition, otherwise }) => ({
        ...{ name, lifecycleTransition: transition, defaultResult: otherwise, heartbeatTimeout: stage.hookTimeout },
      })),
      // Free, and what the dashboard shows.
      ...{ metricsGranularity: "1Minute", enabledMetrics: shown },
      // What Auto Scaling replaces by itself (a zone out of balance, an instance that EC2 finds impaired) comes before the other goes.
      instanceMaintenancePolicy: { minHealthyPercentage: 100, maxHealthyPercentage: 150 },
      // A node that waits for Warden is no reason for a deployment to wait.
      waitForCapacityTimeout: "0",
      tags: [
        { key: "Name", value: groupOf(site), propagateAtLaunch: true },
        { key: "warden:site", value: site.name, propagateAtLaunch: true },
      ],
    },
    // How many there are is Auto Scaling's matter and Warden's from then on.
    { dependsOn: parts.files.ready.apply((ready) => [...ready, ...given.after]), ignoreChanges: ["desiredCapacity"] },
  );
  new aws.autoscaling.Policy(titled(site, "FollowLoad"), {
    ...{ name: namedOf(site, "follow-load"), autoscalingGroupName: group.name, policyType: "TargetTrackingScaling" },
    targetTrackingConfiguration: {
      predefinedMetricSpecification: { predefinedMetricType: "ASGAverageCPUUtilization" },
      targetValue: 50,
    },
  });
  for (const { name, cron, min: fewest } of site.timetable)
    new aws.autoscaling.Schedule(titled(site, `Timetable${titleOf(name)}`), {
      ...{ scheduledActionName: name, autoscalingGroupName: group.name, recurrence: cron },
      ...{ timeZone: site.timeZone, minSize: fewest, maxSize: unchanged, desiredCapacity: unchanged },
    });
}

/** A node that leaves is not kept for another time: nobody knows what has gathered on it. */
const pooled = (size: number) => ({
  ...{ poolState: "Stopped", minSize: size, maxGroupPreparedCapacity: -1 },
  instanceReusePolicy: { reuseOnScaleIn: false },
});

/** The fewest that there are on demand, and those beyond them on spot where the size says so. */
function launched(
  { min, spot }: Nodes,
  template: { readonly id: $util.Input<string>; readonly version: $util.Input<string> },
) {
  if (spot === undefined) return { launchTemplate: template };
  return {
    mixedInstancesPolicy: {
      instancesDistribution: {
        ...{ onDemandBaseCapacity: min, onDemandPercentageAboveBaseCapacity: 0 },
        spotAllocationStrategy: "price-capacity-optimized",
      },
      launchTemplate: {
        launchTemplateSpecification: { launchTemplateId: template.id, version: template.version },
        overrides: spot.map((instanceType) => ({ instanceType })),
      },
    },
    // Another is launched when EC2 fears to take one back, minutes before it does.
    capacityRebalance: true,
  };
}

/** As the provider says it of a schedule's number. */
const unchanged = -1;

function launchTemplate(stage: Stage, parts: SiteParts, nodes: Nodes, { network, reach, bucket, lanes }: Given) {
  const { site } = parts;
  const image = nodeImage(parts, bucket, lanes);
  return new aws.ec2.LaunchTemplate(titled(site, "NodeTemplate"), {
    ...{ name: groupOf(site), instanceType: nodes.type, imageId: stockImage, userData: image.userData },
    iamInstanceProfile: { arn: nodeProfile(parts, reach).arn },
    vpcSecurityGroupIds: [nodesOf(site, network.traffic)],
    // One hop: nothing that a container or a proxy on the node is made to ask reaches the role's credentials.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [
      {
        deviceName: "/dev/xvda",
        ebs: { volumeSize: 20, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
      },
    ],
    monitoring: { enabled: nodes.eachMinute },
    tagSpecifications: ["instance", "volume"].map((resourceType) => ({
      ...{ resourceType, tags: { "warden:site": site.name, "warden:stage": stage.name } },
    })),
  });
}

const shown: aws.autoscaling.Metric[] = [
  "GroupInServiceInstances",
  "GroupPendingInstances",
  "GroupTerminatingInstances",
];

/** EC2 asks Parameter Store at each launch. All sizes are of Graviton. */
const stockImage = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
