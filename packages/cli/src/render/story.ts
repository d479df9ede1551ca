/** One decision as one line: when, from which phase to which, why, and what was done. */
import type { LedgerEntry } from "@warden/control";
import { printable } from "../errors.ts";
import { instant, iso } from "./time.ts";

/** The whole story; what only repeats the line before is counted there, or a call denied each second would hide the rest. */
export function storyLines(entries: readonly LedgerEntry[]): string[] {
  const runs: { readonly first: LedgerEntry; last: LedgerEntry; count: number }[] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    if (run === undefined || sameness(run.first) !== sameness(entry))
      runs.push({ first: entry, last: entry, count: 1 });
    else {
      run.last = entry;
      run.count += 1;
    }
  }
  return runs.map(({ first, last, count }) =>
    count === 1 ? storyLine(first) : `${storyLine(first)}  (${count} times, the last at ${instant(last.at)})`,
  );
}

/** Equal for entries that tell a person the same. A denial is the same whichever function met it. */
export const sameness = ({ kind, phase, phaseBefore, why, actions }: LedgerEntry): string =>
  kind === "denied" ? `denied ${actions.join()}` : [kind, phaseBefore, phase, why, ...actions].join(" ");

export function storyLine(entry: LedgerEntry): string {
  const actions = entry.actions.length === 0 ? "" : `  [${entry.actions.join(", ")}]`;
  return printable(`${instant(entry.at)}  ${step(entry)}  ${entry.why}${entry.kind === "denied" ? "" : actions}`);
}

function step({ kind, phase, phaseBefore }: LedgerEntry): string {
  if (kind !== "decision" && kind !== "rollout" && kind !== "upgrade")
    return kind === "incident" ? `incident ${phase}` : kind;
  if (phaseBefore === undefined) return `→ ${phase}`;
  return phase === phaseBefore ? `${phase}` : `${phaseBefore} → ${phase}`;
}

export function storyJson(entry: LedgerEntry) {
  const { id, at, kind, phase, phaseBefore, why, actions } = entry;
  return { at: iso(at), id, kind, phaseBefore: phaseBefore ?? null, phase: phase ?? null, why, actions };
}
