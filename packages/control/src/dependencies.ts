/**
 * What all nodes of a site share, and what happened to it: written down once in each group of the sites that depend on
 * it, and its nodes are woken. What a node makes of it is decided there (`fleet/src/shared-change.ts`).
 */
import type { Pointer } from "@warden/events";
import { type GroupOfSite, nodeKey, type SharedChange } from "@warden/fleet";
import type { Dependency } from "@warden/moodle/site";
import type { Deps } from "./deps.ts";
import { siteKey } from "./ledger.ts";
import type { Site } from "./site.ts";
import type { CachesPort } from "./sweep-ports.ts";
import { wakeFor } from "./wake-up.ts";

export type DependencyPointer = Extract<Pointer, { kind: "dependency" }>;

/** A failover is told several times, by a notification and by the list of events, at slightly different times. */
const sameFailover = 60_000;

export async function noteDependencyEvent(pointer: DependencyPointer, deps: Deps): Promise<void> {
  const at = Math.min(deps.now(), pointer.at === undefined ? deps.now() : Date.parse(pointer.at));
  for (const site of await deps.settings.sites()) {
    const dependency = site.dependencies.find((each) => concerns(each, pointer));
    if (dependency === undefined) continue;
    const change = { id: deps.id(), at, why: `${pointer.what} of ${dependency.name} (${dependency.part})` };
    for (const group of site.groups) await noteInGroup({ site: site.site, group }, pointer, dependency, change, deps);
  }
}

async function noteInGroup(
  of: GroupOfSite,
  pointer: DependencyPointer,
  { part }: Dependency,
  change: SharedChange,
  deps: Deps,
): Promise<void> {
  const { store } = deps.ports;
  const goesStale = part === "cache" && pointer.what === "FailoverComplete";
  const stale = goesStale && (await store.noteChange(of, "stale", change, change.at - sameFailover));
  const changed = await store.noteChange(of, "changed", change, change.at);
  if (!stale && !changed) return;
  await store.note({
    ...{ v: 1, key: siteKey(of.site), at: deps.now(), id: deps.id(), kind: "shared-change" },
    ...{ phase: undefined, phaseBefore: undefined, actions: [], evidence: { ...of, change, stale } },
    why: `${change.why}: every node of ${of.group} looks at itself${stale ? ", and what went stale is purged" : ""}`,
  });
  await wakeAll(of, deps);
}

async function wakeAll(of: GroupOfSite, deps: Deps): Promise<void> {
  const nodes = await deps.ports.store.nodesOf(of.site, of.group);
  const serving = nodes.filter(({ record }) => record.phase.name === "in-service");
  await deps.ports.lanes.wake(
    "normal",
    serving.map(({ record }) => wakeFor(nodeKey(record), 0)),
  );
}

/** Failovers of caches whose notification was lost: ElastiCache remembers them. One call, whatever the number of sites. */
export async function findFailovers(
  caches: CachesPort,
  sites: readonly Site[],
  since: number,
  deps: Deps,
): Promise<void> {
  if (!sites.some((site) => site.dependencies.some(({ service }) => service === "elasticache"))) return;
  for (const { name, at } of await caches.failovers(since)) {
    const told = { kind: "dependency", service: "elasticache", name, what: "FailoverComplete" } as const;
    await noteDependencyEvent({ ...told, at: new Date(at).toISOString() }, deps);
  }
}

/** Pure: whether an event speaks of this dependency. */
export function concerns(dependency: Pick<Dependency, "service" | "name">, pointer: DependencyPointer): boolean {
  if (dependency.service !== pointer.service) return false;
  switch (pointer.service) {
    case "elasticache":
      // A node of a replication group has the group's name and a number: school-cache-001.
      return pointer.name.replace(/-\d{3}$/, "") === dependency.name || pointer.name === dependency.name;
    case "rds":
      return pointer.name === dependency.name;
    case "secretsmanager":
      return secretName(pointer.name) === secretName(dependency.name);
  }
}

/** Secrets Manager adds a dash and six characters to the name in an ARN (API reference, CreateSecret). */
function secretName(nameOrArn: string): string {
  const arn = /^arn:[a-z-]+:secretsmanager:[^:]+:\d+:secret:(.+)-[A-Za-z0-9]{6}$/.exec(nameOrArn);
  return arn?.[1] ?? nameOrArn;
}
