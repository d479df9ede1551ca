import { allow, type Grant } from "../grant.ts";

export const grants: readonly Grant[] = [
  ...allow(["sns:Publish"], "topic"),
  // Lambda keeps there what failed three times.
  ...allow(["sqs:SendMessage"], "dead letters"),
];
