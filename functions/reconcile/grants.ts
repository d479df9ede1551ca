import { allow, type Grant } from "../grant.ts";

export const grants: readonly Grant[] = [
  ...allow(
    [
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeLifecycleHooks",
    ],
    "anything",
  ),
  ...allow(
    [
      "autoscaling:CompleteLifecycleAction",
      "autoscaling:ResumeProcesses",
      "autoscaling:SetDesiredCapacity",
      "autoscaling:SuspendProcesses",
      "autoscaling:TerminateInstanceInAutoScalingGroup",
    ],
    "groups",
  ),
  ...allow(["ssm:SendCommand"], "documents", "instances"),
  ...allow(
    ["ssm:DescribeInstanceInformation", "ssm:GetCommandInvocation", "ssm:ListCommandInvocations", "ssm:ListCommands"],
    "anything",
  ),
  ...allow(["ssm:GetParameter", "ssm:PutParameter"], "last good"),
  ...allow(
    ["elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetHealth"],
    "anything",
  ),
  ...allow(["elasticloadbalancing:DeregisterTargets"], "target groups"),
  ...allow(
    [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ],
    "table",
  ),
  ...allow(["sqs:SendMessage"], "lanes"),
  ...allow(["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], "own lane"),
  ...allow(["events:PutEvents"], "bus"),
];
