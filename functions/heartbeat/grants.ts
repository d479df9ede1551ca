import { allow, type Grant } from "../grant.ts";

export const grants: readonly Grant[] = [
  ...allow(["autoscaling:RecordLifecycleActionHeartbeat"], "groups"),
  ...allow(["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"], "table"),
];
