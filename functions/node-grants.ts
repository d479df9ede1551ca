/** What a node may do by itself: say that it is there, read what it should be, and end its own launch hook. */
import { allow, type Grant } from "./grant.ts";

export const nodeGrants: readonly Grant[] = [
  ...allow(["autoscaling:CompleteLifecycleAction"], "groups"),
  ...allow(["sqs:SendMessage"], "lanes"),
  ...allow(["ssm:GetParameter"], "last good"),
];
