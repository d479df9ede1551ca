/** Lost events that somebody had to make up for, and how long that took: for rule 3 and for the report. */
import type { Fact } from "../facts/fact.ts";

export interface Loss {
  readonly node: string;
  readonly detailType: string;
  readonly at: number;
}

export interface Repair {
  readonly loss: Loss;
  readonly milliseconds: number;
}

export interface Losses {
  /** What this fact made good. */
  see(fact: Fact): readonly Repair[];
  /** Lost, and Warden does not know yet. */
  open(): readonly Loss[];
  forget(loss: Loss): void;
}

/**
 * The phases that show that Warden knows what a lost event would have told it. Other kinds of event lead to nothing
 * that must happen: a rebalance recommendation may be refused, a state change repeats what the group says.
 */
const knowing: Readonly<Record<string, ReadonlySet<string>>> = {
  "EC2 Instance-launch Lifecycle Action": new Set([
    "waiting-for-agent",
    "bootstrapping",
    "verifying",
    "on-hold",
    "refused",
    "joining",
    "in-service",
    "leaving",
    "released",
    "gone",
  ]),
  "EC2 Instance-terminate Lifecycle Action": new Set(["refused", "leaving", "released", "gone"]),
  "EC2 Spot Instance Interruption Warning": new Set(["refused", "leaving", "released", "gone"]),
};

export function createLosses(): Losses {
  const phases = new Map<string, string>();
  let losses: readonly Loss[] = [];

  function repaired(node: string, at: number, isKnown: (loss: Loss) => boolean): readonly Repair[] {
    const known = losses.filter((loss) => loss.node === node && isKnown(loss));
    losses = losses.filter((loss) => !known.includes(loss));
    return known.map((loss) => ({ loss, milliseconds: at - loss.at }));
  }

  return {
    see(fact) {
      switch (fact.kind) {
        case "event-lost": {
          const { node, detailType, at } = fact;
          if (node === undefined || knowing[detailType] === undefined) return [];
          if (!knows(detailType, phases.get(node))) losses = [...losses, { node, detailType, at }];
          return [];
        }
        case "phase":
          phases.set(fact.node, fact.phase);
          return repaired(fact.node, fact.at, (loss) => knows(loss.detailType, fact.phase));
        case "answer":
        case "action-ended":
          return repaired(fact.node, fact.at, () => true);
        case "power-off":
          // Nothing is left to be done for it. That is no repair.
          losses = losses.filter(({ node }) => node !== fact.node);
          return [];
        default:
          return [];
      }
    },
    open: () => losses,
    forget(loss) {
      losses = losses.filter((each) => each !== loss);
    },
  };
}

const knows = (detailType: string, phase: string | undefined): boolean =>
  phase !== undefined && (knowing[detailType]?.has(phase) ?? true);
