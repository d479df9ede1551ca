/** A group without instances: its policies, scheduled actions, tags and hooks. */
import { kitchen, type Step, step } from "./step.ts";

export const autoScalingSteps: readonly Step[] = [
  step("autoscaling CreateAutoScalingGroup", (c, found) =>
    c.autoScaling.createAutoScalingGroup({
      AutoScalingGroupName: kitchen,
      MinSize: 0,
      MaxSize: 4,
      DesiredCapacity: 0,
      LaunchTemplate: { LaunchTemplateName: kitchen, Version: "1" },
      VPCZoneIdentifier: found.get("subnet"),
      Tags: [{ Key: "dish", Value: "soup", PropagateAtLaunch: true }],
    }),
  ),
  step("autoscaling DescribeAutoScalingGroups", (c) =>
    c.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [kitchen] }),
  ),
  step("autoscaling DescribeAutoScalingGroups that do not exist", (c) =>
    c.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: ["nobody"] }),
  ),
  step("autoscaling UpdateAutoScalingGroup", (c) =>
    c.autoScaling.updateAutoScalingGroup({ AutoScalingGroupName: kitchen, MaxSize: 5 }),
  ),
  step("autoscaling SetDesiredCapacity of a group that does not exist", (c) =>
    c.autoScaling.setDesiredCapacity({ AutoScalingGroupName: "nobody", DesiredCapacity: 1 }),
  ),
  step("autoscaling PutScalingPolicy, target tracking", (c) =>
    c.autoScaling.putScalingPolicy({
      AutoScalingGroupName: kitchen,
      PolicyName: "cpu",
      PolicyType: "TargetTrackingScaling",
      TargetTrackingConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: "ASGAverageCPUUtilization" },
        TargetValue: 50,
      },
    }),
  ),
  step("autoscaling PutScalingPolicy, simple", (c) =>
    c.autoScaling.putScalingPolicy({
      AutoScalingGroupName: kitchen,
      PolicyName: "one-more",
      AdjustmentType: "ChangeInCapacity",
      ScalingAdjustment: 1,
    }),
  ),
  step("autoscaling DescribePolicies", (c) =>
    c.autoScaling.describePolicies({ AutoScalingGroupName: kitchen, PolicyNames: ["one-more"] }),
  ),
  step("autoscaling ExecutePolicy of a policy that does not exist", (c) =>
    c.autoScaling.executePolicy({ AutoScalingGroupName: kitchen, PolicyName: "nobody" }),
  ),
  step("autoscaling PutScheduledUpdateGroupAction", (c) =>
    c.autoScaling.putScheduledUpdateGroupAction({
      AutoScalingGroupName: kitchen,
      ScheduledActionName: "exam",
      Recurrence: "0 8 * * 1",
      MinSize: 1,
      MaxSize: 4,
      DesiredCapacity: 2,
    }),
  ),
  step("autoscaling DescribeScheduledActions", (c) =>
    c.autoScaling.describeScheduledActions({ AutoScalingGroupName: kitchen }),
  ),
  step("autoscaling DeleteScheduledAction", (c) =>
    c.autoScaling.deleteScheduledAction({ AutoScalingGroupName: kitchen, ScheduledActionName: "exam" }),
  ),
  step("autoscaling CreateOrUpdateTags", (c) =>
    c.autoScaling.createOrUpdateTags({
      Tags: [
        {
          ResourceId: kitchen,
          ResourceType: "auto-scaling-group",
          Key: "guests",
          Value: "12",
          PropagateAtLaunch: false,
        },
      ],
    }),
  ),
  step("autoscaling DescribeTags", (c) =>
    c.autoScaling.describeTags({ Filters: [{ Name: "auto-scaling-group", Values: [kitchen] }] }),
  ),
  step("autoscaling PutLifecycleHook", (c) =>
    c.autoScaling.putLifecycleHook({
      AutoScalingGroupName: kitchen,
      LifecycleHookName: "wait",
      LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
    }),
  ),
  step("autoscaling DescribeLifecycleHooks", (c) =>
    c.autoScaling.describeLifecycleHooks({ AutoScalingGroupName: kitchen }),
  ),
  step("autoscaling AttachLoadBalancerTargetGroups", (c, found) =>
    c.autoScaling.attachLoadBalancerTargetGroups({
      AutoScalingGroupName: kitchen,
      TargetGroupARNs: [found.get("targetGroup")],
    }),
  ),
  step("autoscaling DescribeLoadBalancerTargetGroups", (c) =>
    c.autoScaling.describeLoadBalancerTargetGroups({ AutoScalingGroupName: kitchen }),
  ),
  step("autoscaling SuspendProcesses", (c) =>
    c.autoScaling.suspendProcesses({ AutoScalingGroupName: kitchen, ScalingProcesses: ["AZRebalance"] }),
  ),
  step("autoscaling DescribeAutoScalingGroups with all of that", (c) =>
    c.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [kitchen] }),
  ),
  step("autoscaling CreateAutoScalingGroup of a name that is taken", (c, found) =>
    c.autoScaling.createAutoScalingGroup({
      AutoScalingGroupName: kitchen,
      MinSize: 0,
      MaxSize: 1,
      LaunchTemplate: { LaunchTemplateName: kitchen },
      VPCZoneIdentifier: found.get("subnet"),
    }),
  ),
  step("autoscaling SetDesiredCapacity above the maximum", (c) =>
    c.autoScaling.setDesiredCapacity({ AutoScalingGroupName: kitchen, DesiredCapacity: 99 }),
  ),
  step("autoscaling DeletePolicy", (c) =>
    c.autoScaling.deletePolicy({ AutoScalingGroupName: kitchen, PolicyName: "one-more" }),
  ),
  step("autoscaling DeleteAutoScalingGroup", (c) =>
    c.autoScaling.deleteAutoScalingGroup({ AutoScalingGroupName: kitchen }),
  ),
];
