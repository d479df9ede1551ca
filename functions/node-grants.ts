/**
 * What a node may do by itself: say that it is there, read what it should be, fetch that, read its own site's secrets,
 * and end its own launch hook.
 */
import { allow, type Grant } from "./grant.ts";

export const nodeGrants: readonly Grant[] = [
  ...allow(["autoscaling:CompleteLifecycleAction"], "groups"),
  ...allow(["sqs:SendMessage"], "lanes"),
  ...allow(["ssm:GetParameter"], "last good"),
  ...allow(["s3:GetObject"], "bundles"),
  ...allow(["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], "secrets"),
];
