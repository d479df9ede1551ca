/** What a function finds in its environment: `packages/worlds/src/lambda.ts` reads it. */
import type { WardenFunction } from "./catalogue.ts";

/** Names and addresses of one deployment, or what will be these once it is there. */
export interface Surroundings<Text> {
  readonly table: Text;
  readonly bus: Text;
  readonly urgentQueueUrl: Text;
  readonly normalQueueUrl: Text;
  /** How the SSM documents are registered, as JSON. */
  readonly documents: Text;
}

export const environmentOf = <Text>(each: WardenFunction, surroundings: Surroundings<Text>) => ({
  WARDEN_TABLE: surroundings.table,
  WARDEN_BUS: surroundings.bus,
  WARDEN_URGENT_QUEUE: surroundings.urgentQueueUrl,
  WARDEN_NORMAL_QUEUE: surroundings.normalQueueUrl,
  WARDEN_DOCUMENTS: surroundings.documents,
  ...ownEnvironment(each),
});

/** Environments of one function share its part of the request buckets evenly. */
function ownEnvironment({ trigger, share }: WardenFunction): Record<string, string> {
  if (trigger.kind === "schedule") return { WARDEN_SHARE: String(share) };
  return { WARDEN_LANE: trigger.lane, WARDEN_SHARE: String(share / trigger.maximumConcurrency) };
}
