/** A group as `config status` and `moodle status` see it: what its nodes are to be, what they are, and its rollout. */
import type { LedgerEntry } from "@warden/control";
import { type Assigned, type GroupName, isOver, type Rollout, rolloutKey, type SiteName } from "@warden/fleet";
import type { Reach } from "./context.ts";

export interface GroupLook {
  readonly group: GroupName;
  readonly assigned: Assigned | undefined;
  readonly rollout: Rollout | undefined;
  readonly inService: number;
  /** Nodes in service that have something else than they are to have in the end. */
  readonly others: readonly Other[];
  /** Of the last rollout, the oldest first. */
  readonly story: readonly LedgerEntry[];
}

export interface Other {
  readonly instance: string;
  readonly release: string;
  readonly digest: string;
  readonly why: string;
}

export const rolls = ({ rollout }: GroupLook): boolean => rollout !== undefined && !isOver(rollout);

/** @param differ whether what a node has is something else */
export async function lookAtGroup(
  site: SiteName,
  group: GroupName,
  differ: (has: Assigned | undefined, aim: Assigned | undefined) => boolean,
  { deps }: Reach,
): Promise<GroupLook> {
  const { store } = deps.ports;
  const [state, stored, story] = await Promise.all([
    store.groupState(site, group),
    store.nodesOf(site, group),
    store.ledger(rolloutKey({ site, group }), storyLength),
  ]);
  const rollout = state.rollout?.rollout;
  const aim = rollout?.phase === "rolling" ? rollout.candidate : state.assigned;
  const serving = stored.map(({ record }) => record).filter(({ phase }) => phase.name === "in-service");
  const others = serving
    .filter(({ verified }) => differ(verified, aim))
    .map(({ instance, verified, push }) => ({
      instance,
      release: verified?.release ?? "none",
      digest: verified?.digest ?? "none",
      why: push === undefined ? "" : push.message === "" ? push.is : `${push.is}: ${push.message}`,
    }));
  const ofThis = story.filter((entry) => entry.at >= (rollout?.startedAt ?? 0)).toReversed();
  return { group, assigned: state.assigned, rollout, inService: serving.length, others, story: ofThis };
}

export const storyLength = 20;
