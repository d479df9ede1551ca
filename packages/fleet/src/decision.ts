/** What is to be done about one node, and why. */
import type { Guard } from "./guards.ts";
import type { Command, NodeRecord, Step } from "./node-record.ts";
import type { UpgradeView } from "./observation.ts";

export interface Decision {
  readonly record: NodeRecord;
  readonly actions: readonly Action[];
  /** When to look again at the latest; undefined when only an event or the sweep need. */
  readonly dueAt: number | undefined;
  /** One sentence for a person, with the evidence. */
  readonly why: string;
  /** Set when the decision starts a voluntary disruption: it holds only if the slot is won. */
  readonly claimsSlot: boolean;
  /** Nothing happened but that time passed: worth no row in the ledger. */
  readonly stillWaiting: boolean;
  /** What happened to the launch, for the group's circuit breaker. */
  readonly launchOutcome: "succeeded" | "failed" | "kept" | undefined;
  /** The guard that keeps a node which would be taken away. */
  readonly refusedBy: Guard | undefined;
}

/** What the executor can be asked to do. Remediation returns the same type. */
export type Action =
  | {
      readonly type: "send-command";
      readonly step: Step;
      readonly batch: string;
      readonly release: string;
      readonly digest: string;
      readonly deadline: number;
      /** Of a purge: why, by the id of the change. */
      readonly cause?: string;
      /** Of a rehearsal: which copy of the database. */
      readonly copy?: string;
      /** Whether the site is, or is to be, in maintenance. */
      readonly closed: boolean;
      /** The node is expected to find that an upgrade to its release is pending. */
      readonly pending: boolean;
    }
  | {
      readonly type: "complete-lifecycle-action";
      readonly hook: string;
      readonly token: string | undefined;
      readonly result: "CONTINUE" | "ABANDON";
    }
  | { readonly type: "deregister-targets" }
  | { readonly type: "terminate-instance"; readonly shrink: boolean }
  | { readonly type: "set-desired-capacity"; readonly desired: number };

interface Parts {
  readonly why: string;
  readonly dueAt?: number | undefined;
  readonly actions?: readonly Action[];
  readonly claimsSlot?: boolean;
  readonly stillWaiting?: boolean;
  readonly launchOutcome?: Decision["launchOutcome"];
  readonly refusedBy?: Guard;
}

export function decision(record: NodeRecord, parts: Parts): Decision {
  return {
    record,
    actions: parts.actions ?? [],
    dueAt: parts.dueAt,
    why: parts.why,
    claimsSlot: parts.claimsSlot ?? false,
    stillWaiting: parts.stillWaiting ?? false,
    launchOutcome: parts.launchOutcome,
    refusedBy: parts.refusedBy,
  };
}

/** The same record in another phase. */
export function inPhase(record: NodeRecord, phase: NodeRecord["phase"], now: number): NodeRecord {
  return { ...record, phase, since: phase.name === record.phase.name ? record.since : now };
}

export function sendCommand(
  command: Command,
  target: {
    readonly release: string;
    readonly digest: string;
    readonly deadline: number;
    readonly cause?: string;
    readonly copy?: string;
    readonly closed?: boolean;
  },
  upgrade?: UpgradeView,
): Action {
  const { release, digest, deadline, cause, copy, closed = upgrade?.closed ?? false } = target;
  const { step, batch } = command;
  const pending = upgrade?.pending ?? false;
  const only = { ...(cause && { cause }), ...(copy && { copy }) };
  return { type: "send-command", step, batch, release, digest, deadline, ...only, closed, pending };
}
