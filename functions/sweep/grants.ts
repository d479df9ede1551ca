import { allow, type Grant } from "../grant.ts";

export const grants: readonly Grant[] = [
  ...allow(["autoscaling:DescribeAutoScalingGroups", "elasticache:DescribeEvents"], "anything"),
  ...allow(
    [
      "autoscaling:ResumeProcesses",
      "autoscaling:SetDesiredCapacity",
      "autoscaling:SetInstanceProtection",
      "autoscaling:SuspendProcesses",
      "autoscaling:UpdateAutoScalingGroup",
    ],
    "groups",
  ),
  ...allow(["cloudwatch:DescribeAlarms"], "alarms"),
  ...allow(
    [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ],
    "table",
  ),
  ...allow(["ssm:GetParameter", "ssm:PutParameter"], "last good"),
  ...allow(["sqs:SendMessage"], "lanes"),
  ...allow(["events:PutEvents"], "bus"),
];
