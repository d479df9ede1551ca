/** Where moto and the local world differ, and why; for moto 5.2, November 2026. */

export interface Deviation {
  /** The steps that show it. */
  readonly steps: RegExp;
  /** The whole line: `only theirs  PATH: TYPE` or `only ours  PATH: TYPE`. */
  readonly difference: RegExp;
  readonly why: string;
}

/** Of a big resource only what a control plane reads is modelled; a member that is left out can mislead nobody. */
const leftOut = "the local world leaves it out: nothing of it is modelled";

const deviations: readonly Deviation[] = [
  // What ours has less of.
  {
    steps: /^ec2 Describe(Vpcs|Subnets)$/,
    difference:
      /^only theirs {2}\S*\.(Ipv6\w+|CidrBlockAssociationSet\S*|DhcpOptionsId|AssignIpv6\w+|PrivateDnsNameOptionsOnLaunch\S*):/,
    why: leftOut,
  },
  {
    steps: /^ec2 DescribeImages$/,
    difference:
      /^only theirs {2}Images\[\]\.(BlockDeviceMappings\S*|Description|Hypervisor|ImageOwnerAlias|BootMode|ProductCodes|Platform):/,
    why: leftOut,
  },
  {
    steps: /^ec2 (Run|Describe)Instances$/,
    difference:
      /^only theirs {2}\S*Instances\[\]\.(Hypervisor|NetworkInterfaces\S*|SourceDestCheck|SriovNetSupport|StateReason\.\w+|ProductCodes|PublicIpAddress):/,
    why: leftOut,
  },
  {
    steps: /^elbv2 (Create|Describe)LoadBalancers?$/,
    difference: /^only theirs {2}LoadBalancers\[\]\.CanonicalHostedZoneId: string$/,
    why: leftOut,
  },
  {
    steps: /^autoscaling PutScalingPolicy, target tracking$/,
    difference: /^only ours {2}error NotImplemented$/,
    why: "target tracking is not modelled in the local world, and says so; moto stores the policy and never acts on it",
  },

  // What moto says that AWS does not.
  {
    steps: /^ec2 (Run|Describe)Instances$/,
    difference: /^only theirs {2}\S*Instances\[\]\.Platform: string$/,
    why: "Platform is there for Windows only (EC2 API Reference, Instance); moto's first image is of Windows",
  },
  {
    steps: /^elbv2 (CreateListener|DescribeListeners)$/,
    difference: /^only theirs {2}Listeners\[\]\.(SslPolicy|AlpnPolicy):/,
    why: "a listener for HTTP has neither",
  },
  {
    steps: /^autoscaling DescribePolicies$/,
    difference: /^only theirs {2}ScalingPolicies\[\]\.(Cooldown|StepAdjustments):/,
    why: "a simple policy has no steps, and a cooldown only where one was given (API Reference, ScalingPolicy)",
  },
  {
    steps: /^autoscaling DescribeLifecycleHooks$/,
    difference: /^only theirs {2}LifecycleHooks\[\]\.(NotificationTargetARN|RoleARN): string$/,
    why: "moto fills in empty texts for what was not given",
  },

  {
    steps: /^iam GetInstanceProfile$/,
    difference: /^only theirs {2}InstanceProfile\.Roles\[\]\.Tags: empty list$/,
    why: "a role without tags has no list of them",
  },

  // What moto accepts or answers otherwise.
  {
    steps: /^ec2 TerminateInstances of an id that is malformed$/,
    difference: /error InvalidInstanceID\.(NotFound|Malformed)$/,
    why: "an id that cannot be one is Malformed (EC2 error codes); moto looks it up",
  },
  {
    steps: /^autoscaling CreateAutoScalingGroup of a name that is taken$/,
    difference: /^only ours {2}error AlreadyExistsFault$/,
    why: "AlreadyExists (API Reference, CreateAutoScalingGroup); moto replaces the group",
  },
  {
    steps: /^autoscaling (SetDesiredCapacity of a group|ExecutePolicy of a policy) that does not exist$/,
    difference: /^only theirs {2}error Error$|^only ours {2}error ValidationError$/,
    why: "moto itself fails, with status 500",
  },
  {
    steps: /^autoscaling SetDesiredCapacity above the maximum$/,
    difference: /^only ours {2}error ValidationError$/,
    why: "moto does not look at the bounds of the group",
  },
  {
    steps: /^sqs SetQueueAttributes with a value that cannot be$/,
    difference: /^only theirs {2}error SyntaxError$|^only ours {2}error InvalidAttributeValue$/,
    why: "moto itself fails, with status 500 and a page of HTML",
  },

  // What moto leaves out.
  {
    steps: /^ec2 (Run|Describe)(Instances|Images)$/,
    difference: /^only ours {2}\S*\.PlatformDetails: string$/,
    why: "PlatformDetails is part of Image and Instance (EC2 API Reference); moto has it for some images",
  },
  {
    steps: /^ec2 (Run|Describe)Instances$/,
    difference: /Instances\[\]\.SecurityGroups(\[\]\.\w+)?:/,
    why: "an instance without a group of its own is in the VPC's default group; moto puts it into none",
  },
  {
    steps: /^ec2 RunInstances$/,
    difference: /^only ours {2}Instances\[\]\.Tags: empty list$/,
    why: "no tags: an empty list here, no list there",
  },
  {
    steps: /^elbv2 CreateTargetGroup$/,
    difference: /^only ours {2}TargetGroups\[\]\.LoadBalancerArns: empty list$/,
    why: "AWS answers an empty list (CLI Reference, create-target-group)",
  },
  {
    steps: /^elbv2 (CreateListener|DescribeListeners)$/,
    difference: /^only ours {2}Listeners\[\]\.DefaultActions\[\]\.ForwardConfig\./,
    why: "AWS adds the long form to an action that was given in the short one",
  },
  {
    steps: /^autoscaling DescribeAutoScalingGroups( with all of that)?$/,
    difference:
      /^only ours {2}AutoScalingGroups\[\]\.(LaunchTemplate\.Version|TrafficSources\S*|DeletionProtection|AvailabilityZoneDistribution\S*):/,
    why: "members that are younger than moto's model of a group",
  },
  {
    steps: /^autoscaling PutScalingPolicy, simple$/,
    difference: /^only ours {2}(PolicyARN: string|Alarms: empty list)$/,
    why: "moto answers nothing",
  },
  {
    steps: /^autoscaling DescribePolicies$/,
    difference: /^only ours {2}ScalingPolicies\[\]\.(Alarms|Enabled):/,
    why: "moto leaves them out (API Reference, ScalingPolicy)",
  },
  {
    steps: /^autoscaling DescribeScheduledActions$/,
    difference: /^only ours {2}ScheduledUpdateGroupActions\[\]\.(ScheduledActionARN|Time|StartTime):/,
    why: "AWS works out the next time of a recurrence (API Reference, ScheduledUpdateGroupAction)",
  },
  {
    steps: /^ssm (GetParameterHistory|DescribeParameters)$/,
    difference: /^only ours {2}Parameters\[\]\.(Policies: empty list|ARN: string)$/,
    why: "AWS answers an empty list of policies, and since 2024 the ARN",
  },
];

export const deviationsOf = (step: string): Deviation[] => deviations.filter((each) => each.steps.test(step));
