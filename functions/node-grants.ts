/**
 * What a node may do by itself: say that it is there, read what it should be, fetch that, and end its own launch hook.
 * Reading the site's secrets is granted where they are named, beside the site.
 */
import { allow, type Grant } from "./grant.ts";

export const nodeGrants: readonly Grant[] = [
  ...allow(["autoscaling:CompleteLifecycleAction"], "groups"),
  ...allow(["sqs:SendMessage"], "lanes"),
  ...allow(["ssm:GetParameter"], "last good"),
  ...allow(["s3:GetObject"], "bundles"),
];
