/** What nobody could know yet must not count against Warden; and other small things the checkers share. */
import type { Desired, Fact } from "../facts/fact.ts";
import type { CheckedRun, Checker, Violation } from "./checker.ts";

export type CreateChecker = (run: CheckedRun) => Checker;

/**
 * From the moment something becomes true until a decision that had to know it leads to a call: a describe may be some
 * seconds old, and a throttled call is repeated for some seconds more.
 */
export const oneObservation = 15_000;

/** Three heartbeats, the least that a hook's time-out must hold: who was up for so long could have beaten in time. */
export const timeToAct = 180_000;

/** Asks once a second: whoever is down for less has not been away. */
export function wasDown(run: CheckedRun, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1_000) if (run.wardenIsDown(at)) return true;
  return run.wardenIsDown(to);
}

export const isProven = (node: { readonly proven: Desired | undefined; readonly assigned: Desired }): boolean =>
  node.proven?.release === node.assigned.release && node.proven.digest === node.assigned.digest;

export const inWriting = (desired: Desired | undefined): string =>
  desired === undefined ? "nothing" : `${desired.release} with ${desired.digest}`;

export const inSeconds = (milliseconds: number): string => `${Math.round(milliseconds / 100) / 10} s`;

/** States in which an instance is no member of its group any more, or has no machine. */
export const isGone = (lifecycleState: string): boolean => /^(Warmed:)?(Terminated|Detached)$/.test(lifecycleState);

export const violationAt = (rule: string, { at }: Fact, node: string | undefined, detail: string): Violation => ({
  rule,
  at,
  node,
  detail,
});
