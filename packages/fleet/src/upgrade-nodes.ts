/** The nodes of a site in the eyes of its upgrade. */
import { stationOf } from "./lifecycle-state.ts";
import type { NodeRecord } from "./node-record.ts";
import { isSame } from "./observation.ts";
import type { Upgrade } from "./upgrade-record.ts";

const isServing = (node: NodeRecord): boolean =>
  node.phase.name === "in-service" && stationOf(node.lifecycleState) === "in-service" && node.verified !== undefined;

/** In an order that does not change, so that the upgrader stays the same. */
export const serving = (nodes: readonly NodeRecord[]): readonly NodeRecord[] =>
  nodes.filter(isServing).toSorted((a, b) => (a.instance < b.instance ? -1 : 1));

export function progress(nodes: readonly NodeRecord[], id: string) {
  const is = (node: NodeRecord) => (node.errand?.id === id ? node.errand.is : undefined);
  return {
    done: nodes.filter((node) => is(node) === "done"),
    failed: nodes.find((node) => is(node) === "failed"),
    waiting: nodes.filter((node) => is(node) !== "done"),
  };
}

/**
 * It may be at a task with the old code that it began before the site closed, and nobody can ask it whether it came to rest:
 * it is on its way in, where cron runs from the bootstrap on, or on its way out. Who came later finds the site closed.
 */
export function mayStillWork(node: NodeRecord, upgrade: Upgrade, closedAt: number): boolean {
  const cameBefore = (node.episode?.startedAt ?? node.since) <= closedAt;
  switch (node.phase.name) {
    case "arriving":
    case "refused":
    case "joining":
      return cameBefore;
    case "waiting-for-agent":
    case "bootstrapping":
    case "verifying":
    case "installing":
    case "on-hold":
      // With the new code cron begins nothing on the old database: it waits for just this upgrade.
      return cameBefore && !isSame(node.phase.launch, upgrade.to[node.group]);
    case "in-service":
      return !isServing(node);
    case "found":
    case "leaving":
    case "released":
      return true;
    case "aside":
    case "gone":
      return false;
  }
}

/** It works with the old code, or will when it comes into service. Who waits on hold finds the new database first. */
export function hasOldCode(node: NodeRecord, upgrade: Upgrade): boolean {
  const to = upgrade.to[node.group];
  // Its watcher, or somebody's hand, may have brought it in with the old code while Warden is still at its bootstrap.
  if (stationOf(node.lifecycleState) === "in-service") return !isSame(node.verified, to);
  switch (node.phase.name) {
    case "bootstrapping":
    case "verifying":
    case "installing":
      return !isSame(node.phase.launch, to);
    case "joining":
    case "in-service":
    case "found":
      return !isSame(node.verified, to);
    case "leaving":
      return node.served && !isSame(node.verified, to);
    case "arriving":
    case "waiting-for-agent":
    case "on-hold":
    case "refused":
    case "released":
    case "aside":
    case "gone":
      return false;
  }
}

export const isOnItsWay = ({ phase, push, group }: NodeRecord, upgrade: Upgrade): boolean =>
  phase.name === "in-service" && phase.command?.step === "push-config" && isSame(push, upgrade.to[group]);

// ---- Words ----------------------------------------------------------------------------------------------------------------

/** What holds the first of them up. */
export function saidBy(nodes: readonly NodeRecord[]): string {
  const message = nodes.map(({ errand, push }) => errand?.message || push?.message).find((text) => text);
  return message === undefined ? "" : ` (${message})`;
}
