/** One look at a node: everything a decision may depend on. */
import type { Command, Step } from "./node-record.ts";
import type { Observation, Sighting } from "./observation.ts";
import type { Policy } from "./policy.ts";

export interface Look {
  readonly seen: Observation;
  readonly policy: Policy;
  readonly now: number;
  /** Names this pass of the loop: commands that are alike and intended in one pass travel together. */
  readonly pass: string;
}

/** A look of which it is not yet known whether the node's group was given a release at all. */
export type FirstLook = Omit<Look, "seen"> & { readonly seen: Sighting };

/**
 * A new intent to run `step`.
 * @param differs what sets this command apart from others of the same step in the same pass (its parameters)
 */
export function intend(look: Look, step: Step, differs: string): Command {
  const { closed = false, pending = false } = look.seen.upgrade ?? {};
  return {
    step,
    batch: `${look.pass}-${step}-${fingerprint(`${differs} ${closed} ${pending}`)}`,
    intendedAt: look.now,
  };
}

/** FNV-1a over the text: only tells parameter sets of one pass apart. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
