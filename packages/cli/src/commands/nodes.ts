/** `warden nodes`: every node of a site, and why it is as it is. */
import type { GroupFacts, Site, StoredNode, TargetStatus } from "@warden/control";
import { type GroupName, type InstanceId, length, nodeKey } from "@warden/fleet";
import { type Incident, saidBy } from "@warden/remediation";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import { type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { type Column, table } from "../render/table.ts";
import { iso, relative } from "../render/time.ts";
import { targetOf } from "../target.ts";

export interface NodesFlags extends PlaceFlags {
  readonly watch: boolean;
}

export async function nodes(context: WardenContext, flags: NodesFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const site = await chooseSite(flags.site, reach);
  if (!flags.watch) {
    context.out.write(`${await page(site, reach, flags.json, context)}\n`);
    return status.done;
  }
  const interrupted = context.interruption();
  let shown: string | undefined;
  while (!interrupted.aborted) {
    const next = await page(site, reach, flags.json, context);
    if (next !== shown) context.out.write(`${context.out.isTTY === true && !flags.json ? clear : ""}${next}\n`);
    shown = next;
    await context.sleep(refresh, interrupted);
  }
  return status.done;
}

const refresh = 2000;
/** Cursor home, then erase below (ECMA-48). */
const clear = "\u001b[H\u001b[J";

async function page(site: Site, reach: Reach, json: boolean, { out }: WardenContext): Promise<string> {
  const groups = await reach.deps.ports.autoScaling.describeGroups(site.groups);
  const rows = (await Promise.all(site.groups.map((name) => look(site, name, groups.get(name), reach)))).flat();
  const { open } = await reach.deps.ports.store.incidents(site.site);
  const now = reach.deps.now();
  if (json) return JSON.stringify({ site: site.site, nodes: rows.map(asJson), incidents: open.map(({ id }) => id) });
  if (rows.length === 0) {
    const desired = [...groups.values()].reduce((total, group) => total + group.desired, 0);
    return `Site ${site.site} has no nodes${desired > 0 ? ` yet; ${desired} are desired` : ": none are desired"}.`;
  }
  const shown = table(columns(now, site.groups.length > 1), rows, out.columns);
  return [shown, ...open.map((incident) => inTrouble(incident, now))].join("\n");
}

const inTrouble = (incident: Incident, now: number): string =>
  `The ${incident.part} of the site: in trouble for ${length(now - incident.openedAt)}, said by ${saidBy(incident)}: \`warden incidents\`.`;

interface Row {
  readonly instance: InstanceId;
  readonly group: GroupName;
  readonly lifecycleState: string;
  readonly target: TargetStatus | "unknown";
  readonly stored: StoredNode | undefined;
  readonly newer: boolean;
}

/** What the group has, and what is remembered of nodes that are not gone. */
async function look(site: Site, group: GroupName, facts: GroupFacts | undefined, { deps }: Reach): Promise<Row[]> {
  const { store, loadBalancing } = deps.ports;
  const listed = new Map((facts?.instances ?? []).map((each) => [each.instance, each.lifecycleState]));
  const stored = new Map((await store.nodesOf(site.site, group)).map((node) => [node.record.instance, node]));
  const remembered = [...stored.values()].filter((node) => node.record.phase.name !== "gone");
  const ids = [...new Set([...listed.keys(), ...remembered.map((node) => node.record.instance)])].sort();
  if (ids.length === 0) return [];

  const unread = ids.filter((id) => !stored.has(id)).map((instance) => nodeKey({ site: site.site, group, instance }));
  const [newer, ...health] = await Promise.all([
    unread.length === 0 ? new Set<string>() : store.read(unread).then((snapshot) => snapshot.newer),
    ...(facts?.targetGroupArns ?? []).map((arn) => loadBalancing.targetHealth(arn, ids)),
  ]);
  return ids.map((instance) => ({
    instance,
    group,
    lifecycleState: listed.get(instance) ?? "absent",
    target: worst(health.map((each) => each.get(instance) ?? "none")),
    stored: stored.get(instance),
    newer: newer.has(nodeKey({ site: site.site, group, instance })),
  }));
}

/** In several target groups, the worst news counts. */
function worst(found: readonly TargetStatus[]): TargetStatus | "unknown" {
  const order: readonly TargetStatus[] = ["unhealthy", "draining", "initial", "unused", "none", "healthy"];
  return order.find((each) => found.includes(each)) ?? "unknown";
}

function columns(now: number, severalGroups: boolean): Column<Row>[] {
  const group: Column<Row> = { title: "GROUP", cell: (row) => row.group, dispensable: 1 };
  return [
    { title: "INSTANCE", cell: (row) => row.instance },
    ...(severalGroups ? [group] : []),
    { title: "PHASE", cell: phaseOf },
    {
      title: "FOR",
      cell: ({ stored }) => (stored === undefined ? "" : length(now - stored.record.since)),
      dispensable: 3,
    },
    { title: "STATE", cell: (row) => row.lifecycleState, dispensable: 2 },
    { title: "TARGET", cell: (row) => row.target, dispensable: 4 },
    { title: "RELEASE", cell: releaseOf, dispensable: 5 },
    { title: "DUE", cell: ({ stored }) => dueOf(stored, now), dispensable: 6 },
    { title: "WHY", cell: whyOf, flexible: true },
  ];
}

const phaseOf = (row: Row): string =>
  row.newer ? "(newer record)" : (row.stored?.record.phase.name ?? "not seen yet");

function whyOf({ stored, newer }: Row): string {
  if (newer) return "its record was written by a newer Warden, which alone may act on it";
  return stored?.why ?? "the next sweep finds it";
}

function releaseOf({ stored }: Row): string {
  const verified = stored?.record.verified;
  return verified === undefined ? "" : `${verified.release}/${verified.digest.slice(0, 7)}`;
}

const dueOf = (stored: StoredNode | undefined, now: number): string =>
  stored?.dueAt === undefined ? "" : relative(stored.dueAt, now);

function asJson(row: Row) {
  const { stored } = row;
  const verified = stored?.record.verified;
  return {
    instance: row.instance,
    group: row.group,
    phase: stored?.record.phase.name ?? null,
    since: stored === undefined ? null : iso(stored.record.since),
    lifecycleState: row.lifecycleState,
    target: row.target,
    release: verified?.release ?? null,
    digest: verified?.digest ?? null,
    why: whyOf(row),
    due: stored?.dueAt === undefined ? null : iso(stored.dueAt),
    newer: row.newer,
  };
}
