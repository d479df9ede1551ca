/**
 * Where a recorded command stands. SendCommand has no idempotency token, so a command is recorded under a batch id
 * before it is sent; when nobody can find it, it is sent again under the same id, and the host answers a repeat with
 * its first result.
 */

import type { Command, Step } from "./node-record.ts";
import type { Answer, CommandView } from "./observation.ts";
import type { Policy } from "./policy.ts";

export type Standing =
  /** Look again at `until` at the latest. */
  | { readonly is: "waiting"; readonly until: number }
  /** Send it (again) under the same batch id. */
  | { readonly is: "unsent" }
  | { readonly is: "answered"; readonly answer: Answer }
  | { readonly is: "silent"; readonly detail: string };

/** Lists of commands are eventually consistent: only after this long does absence mean that nothing was sent. */
const listedBy = 60_000;

/** Beyond delivery, what a document may run before its silence counts: the documents' own time-outs, or ten minutes. */
const longestRun: Partial<Record<Step, number>> = {
  install: 1_800_000,
  upgrade: 21_600_000,
  rehearse: 21_600_000,
};
const usuallyLongest = 600_000;

export function standing(command: Command, seen: CommandView | undefined, policy: Policy, now: number): Standing {
  const lookAgain = now + policy.lookAgain;
  switch (seen?.status) {
    case "answered":
      return seen.answer.step === command.step
        ? { is: "answered", answer: seen.answer }
        : { is: "silent", detail: `answered as ${seen.answer.step}` };
    case "silent":
      return { is: "silent", detail: seen.detail };
    case "under-way": {
      // An agent that dies mid-run leaves InProgress until delivery and execution time-outs have both passed.
      const giveUpAt = command.intendedAt + policy.commandDelivery + (longestRun[command.step] ?? usuallyLongest);
      return now >= giveUpAt
        ? { is: "silent", detail: "neither finished nor failed in time" }
        : { is: "waiting", until: Math.min(nextLook(command.intendedAt, policy, now), giveUpAt) };
    }
    case "not-found":
    case undefined:
      return now >= command.intendedAt + listedBy
        ? { is: "unsent" }
        : { is: "waiting", until: Math.min(lookAgain, command.intendedAt + listedBy) };
  }
}

/**
 * An event tells when something has happened; looking is for the case that it was lost. So the longer it takes, the
 * longer it may take to notice: never more than half as long again, nor than half a minute.
 */
export function nextLook(since: number, policy: Policy, now: number): number {
  return now + Math.min(30_000, Math.max(policy.lookAgain, (now - since) / 2));
}
