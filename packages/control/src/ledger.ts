/** The ledger: every decision with its evidence. `warden explain` reads it, the bus is fed from it. */
import { isDeepStrictEqual } from "node:util";
import type { Decision, NodeKey, NodeRecord, RolloutKey, Sighting, SiteName, UpgradeKey } from "@warden/fleet";
import type { StoredNode } from "./ports.ts";
import { newlyWanted, type Wanted } from "./wanted.ts";

export interface LedgerEntry {
  readonly v: 1;
  readonly key: NodeKey | RolloutKey | UpgradeKey | SiteKey;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Sorts entries of the same millisecond and makes an entry nameable. */
  readonly id: string;
  readonly kind: LedgerKind;
  readonly phase: string | undefined;
  readonly phaseBefore: string | undefined;
  readonly why: string;
  readonly actions: readonly string[];
  /** Of a decision by which a person is asked for approval. */
  readonly wants?: Wanted | undefined;
  /** Of a decision: `DecisionEvidence`. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

export type LedgerKind =
  | "decision"
  | "rollout"
  | "upgrade"
  | "shared-change"
  | "incident"
  | "freeze"
  | "peak"
  | "unparsable"
  | "denied"
  | "newer";

/** Of what concerns a site as a whole, or the messages that nobody could read. */
export type SiteKey = `${string}/-/-`;
export const siteKey = (site: SiteName): SiteKey => `${site}/-/-`;

/** Everything that a decision was made of but the policy: whoever has it can decide anew. */
export interface DecisionEvidence {
  readonly before: NodeRecord | undefined;
  readonly seen: Sighting;
}

export function ledgerEntry(
  key: NodeKey,
  before: NodeRecord | undefined,
  decided: Decision,
  seen: Sighting,
  at: { readonly now: number; readonly id: string },
): LedgerEntry {
  return {
    v: 1,
    key,
    at: at.now,
    id: at.id,
    kind: "decision",
    phase: decided.record.phase.name,
    phaseBefore: before?.phase.name,
    why: decided.why,
    actions: decided.actions.map((action) => action.type),
    wants: newlyWanted(before, decided.record),
    evidence: { before, seen } satisfies DecisionEvidence,
  };
}

/**
 * A decision equal to the last one changes nothing: it is neither stored nor published. While we only wait for Auto
 * Scaling, its steps on the way are no news either.
 */
export function isNews(stored: StoredNode | undefined, decided: Decision): boolean {
  if (stored === undefined) return true;
  const { lifecycleState } = decided.stillWaiting ? stored.record : decided.record;
  if (!readAlike(stored.record, { ...decided.record, lifecycleState })) return true;
  return stored.why !== decided.why && !decided.stillWaiting;
}

/** Whether both would come back from the table the same: members that are undefined do not. */
export const readAlike = <T extends object>(one: T, other: T): boolean => isDeepStrictEqual(plain(one), plain(other));

const plain = (record: object): unknown => JSON.parse(JSON.stringify(record));
