/** What Warden wants to do and waits for a person's approval of, with the name by which it is approved. */
import { createHash } from "node:crypto";
import { type NodeKey, type NodeRecord, nodeKey, type Plan } from "@warden/fleet";

export interface Wanted extends Plan {
  /** A hash of the node, the cause and the reason: whoever approves it has read just that. */
  readonly plan: string;
}

/** Pure; undefined when nobody is asked. */
export function wantedOf(record: NodeRecord): Wanted | undefined {
  const { wanted, phase } = record;
  if (wanted === undefined || (phase.name !== "in-service" && phase.name !== "on-hold")) return undefined;
  return { ...wanted, plan: planOf(nodeKey(record), wanted) };
}

/** Of which people are to be told. */
export const newlyWanted = (before: NodeRecord | undefined, after: NodeRecord): Wanted | undefined =>
  before?.askedAt === after.askedAt ? undefined : wantedOf(after);

const planOf = (key: NodeKey, { cause, reason }: Plan): string =>
  createHash("sha256").update([key, cause, reason].join("\n")).digest("hex").slice(0, 12);
