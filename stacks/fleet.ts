/** The site's nodes: launch template, and an Auto Scaling group that has Warden's hooks from its first instance on. */

import { lastGoodParameter } from "@warden/aws/names";
import { groupHealth, hooks } from "@warden/functions/deployed";
import type { SiteConfiguration } from "@warden/moodle/site";
import type { balancer } from "./balancer.ts";
import type { Lanes } from "./lanes.ts";
import { named } from "./named.ts";
import type { Network } from "./network.ts";
import { nodeImage } from "./node-image.ts";
import type { Nodes, Stage } from "./stage.ts";

interface Given {
  readonly network: Network;
  readonly targets: ReturnType<typeof balancer>["targets"];
  readonly profile: aws.iam.InstanceProfile;
  readonly bucket: sst.aws.Bucket;
  readonly lanes: Lanes;
  readonly configuration: $util.Output<SiteConfiguration>;
  /** What must be there before the first node is: the group launches at once. */
  readonly after: $util.Input<$util.Resource>[];
}

export const groupOf = ({ site }: Stage): string => named(site.name);

export function fleet(stage: Stage, given: Given) {
  const template = launchTemplate(stage, given);
  const { min, max } = stage.size.nodes;
  const group = new aws.autoscaling.Group(
    "Nodes",
    {
      ...{ name: groupOf(stage), minSize: min, maxSize: max, vpcZoneIdentifiers: given.network.nodeSubnets },
      ...launched(stage.size.nodes, { id: template.id, version: $interpolate`${template.latestVersion}` }),
      ...{ targetGroupArns: [given.targets.arn], healthCheckType: groupHealth.type },
      healthCheckGracePeriod: groupHealth.gracePeriod,
      // Here rather than as resources of their own, which would come after the group's first instances.
      initialLifecycleHooks: hooks.map(({ name, transition, otherwise }) => ({
        ...{ name, lifecycleTransition: transition, defaultResult: otherwise, heartbeatTimeout: stage.hookTimeout },
      })),
      // Free, and what the dashboard shows.
      ...{ metricsGranularity: "1Minute", enabledMetrics: shown },
      // A node that waits for Warden is no reason for a deployment to wait.
      waitForCapacityTimeout: "0",
      tags: [
        { key: "Name", value: groupOf(stage), propagateAtLaunch: true },
        { key: "warden:site", value: stage.site.name, propagateAtLaunch: true },
      ],
    },
    // How many there are is Auto Scaling's matter and Warden's from then on.
    { dependsOn: given.after, ignoreChanges: ["desiredCapacity"] },
  );
  new aws.autoscaling.Policy("FollowLoad", {
    ...{ name: named("follow-load"), autoscalingGroupName: group.name, policyType: "TargetTrackingScaling" },
    targetTrackingConfiguration: {
      predefinedMetricSpecification: { predefinedMetricType: "ASGAverageCPUUtilization" },
      targetValue: 50,
    },
  });
  for (const { name, cron, min: fewest } of stage.timetable)
    new aws.autoscaling.Schedule(`Timetable${title(name)}`, {
      ...{ scheduledActionName: name, autoscalingGroupName: group.name, recurrence: cron },
      ...{ timeZone: stage.site.timeZone, minSize: fewest, maxSize: unchanged, desiredCapacity: unchanged },
    });
  return { template, group };
}

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

const title = (name: string): string => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;

/** As the provider says it of a schedule's number. */
const unchanged = -1;

function launchTemplate(stage: Stage, { network, profile, bucket, lanes, configuration }: Given) {
  const image = nodeImage(configuration, bucket, {
    ...{ group: groupOf(stage), region: aws.getRegionOutput().region, bucket: bucket.name, launchHook: hooks[0].name },
    ...{ urgentQueueUrl: lanes.urgent.queue.url },
    lastGood: lastGoodParameter({ site: stage.site.name, group: groupOf(stage) }),
  });
  return new aws.ec2.LaunchTemplate("NodeTemplate", {
    ...{ name: groupOf(stage), instanceType: stage.size.nodes.type, imageId: stockImage, userData: image.userData },
    iamInstanceProfile: { arn: profile.arn },
    vpcSecurityGroupIds: [network.traffic.nodes.id],
    // One hop: nothing that a container or a proxy on the node is made to ask reaches the role's credentials.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [
      {
        deviceName: "/dev/xvda",
        ebs: { volumeSize: 20, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
      },
    ],
    monitoring: { enabled: stage.size.nodes.eachMinute },
    tagSpecifications: ["instance", "volume"].map((resourceType) => ({
      ...{ resourceType, tags: { "warden:site": stage.site.name, "warden:stage": stage.name } },
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
