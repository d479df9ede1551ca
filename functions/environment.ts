/** What a function finds in its environment: `packages/worlds/src/lambda.ts` reads it. */
import type { WardenFunction } from "./catalogue.ts";

/** Names and addresses of one deployment, or what will be these once it is there. */
export interface Surroundings<Text> {
  readonly table: Text;
  readonly bus: Text;
  readonly urgentQueueUrl: Text;
  readonly normalQueueUrl: Text;
  readonly stage: Text;
  /** By which people are told. */
  readonly topic: Text;
  /** How the SSM documents are registered, as JSON. */
  readonly documents: Text;
}

export function environmentOf<Text>(
  { trigger, share }: WardenFunction,
  surroundings: Surroundings<Text>,
): Readonly<Record<string, Text | string>> {
  if (trigger.kind === "own event") return { WARDEN_STAGE: surroundings.stage, WARDEN_TOPIC: surroundings.topic };
  const loop = {
    WARDEN_TABLE: surroundings.table,
    WARDEN_BUS: surroundings.bus,
    WARDEN_URGENT_QUEUE: surroundings.urgentQueueUrl,
    WARDEN_NORMAL_QUEUE: surroundings.normalQueueUrl,
    WARDEN_DOCUMENTS: surroundings.documents,
  };
  if (trigger.kind === "schedule") return { ...loop, WARDEN_SHARE: String(share) };
  // Environments of one function share its part of the request buckets evenly.
  return { ...loop, WARDEN_LANE: trigger.lane, WARDEN_SHARE: String(share / trigger.maximumConcurrency) };
}
