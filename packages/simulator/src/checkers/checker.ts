/** One rule of the design, watched while a run goes on. */
import type { Fact } from "../facts/fact.ts";

export interface Checker {
  /** `rule-01`, as in the design's list of rules that always hold, or `expect-1`. */
  readonly rule: string;
  /** The rule in one sentence. */
  readonly says: string;
  /** Called with each fact in order; a violation is told at once. */
  see(fact: Fact): Violation | undefined;
  /** Called when the run is over. */
  end(at: number): readonly Violation[];
}

export interface Violation {
  readonly rule: string;
  readonly at: number;
  readonly node: string | undefined;
  /** What was seen, with the evidence. */
  readonly detail: string;
}

/** What a checker may know of the run before it begins. */
export interface CheckedRun {
  readonly startedAt: number;
  readonly floor: number;
  /** Part of the desired capacity. */
  readonly budget: number;
  /** Milliseconds. */
  readonly deregistrationDelay: number;
  readonly drainBudget: number;
  /** How long a node serves with a new configuration until it is verified with it once more. */
  readonly soak: number;
  /** The versions for which the site's database is; undefined while it is empty. */
  readonly schema: string | undefined;
  /** True while the scenario itself keeps Warden from acting: its functions are down. */
  wardenIsDown(at: number): boolean;
}
