/** What Warden decided about a lab's nodes, as its ledger has it, and what that says of a drain. */
import { type LedgerDecision, readLedger } from "@warden/worlds/ledger";
import type { RunningLab } from "./running-lab.ts";

export type Story = readonly LedgerDecision[];

/** Of each node that is remembered, its decisions in their order. */
export async function storiesOf(lab: RunningLab): Promise<ReadonlyMap<string, Story>> {
  const { status, out, err } = await lab.warden("ledger", "--since", "2h");
  if (status !== 0) throw new Error(err);
  const read = readLedger(out);
  if (!read.ok) throw new Error(`line ${read.line} of the ledger is ${read.found}`);
  return read.ledger.nodes;
}

export interface Drain {
  /** Milliseconds since 1970: when Auto Scaling opened the hook, and when Warden answered it. */
  readonly opened: number;
  readonly answered: number;
}

/** Undefined when the hook was not answered. */
export function drainIn(story: Story): Drain | undefined {
  const end = story.findIndex(
    ({ phase, actions }) => phase === "released" && actions.includes("complete-lifecycle-action"),
  );
  const answer = story[end];
  if (answer === undefined) return undefined;
  // Its record tells of the hook from the first look at it on; that may be the one by which it was answered.
  const episode = [answer, ...story.slice(end + 1)]
    .map(({ before }) => before?.episode)
    .find((each) => each?.transition === "terminating");
  return { opened: episode?.startedAt ?? answer.at, answered: answer.at };
}
