/** `warden sites`: one line a site. */
import type { Site, StopSwitch } from "@warden/control";
import { nodeKey } from "@warden/fleet";
import { chooseSite } from "../choose.ts";
import type { Reach, WardenContext } from "../context.ts";
import { printable, type Status, status } from "../errors.ts";
import type { PlaceFlags } from "../flags.ts";
import { table } from "../render/table.ts";
import { iso, relative } from "../render/time.ts";
import { targetOf } from "../target.ts";

export async function sites(context: WardenContext, flags: PlaceFlags): Promise<Status> {
  const reach = await context.reach(targetOf(flags, context.env));
  const { deps } = reach;
  const chosen = flags.site === undefined ? await deps.settings.sites() : [await chooseSite(flags.site, reach)];
  const [rows, lastSweep] = await Promise.all([
    Promise.all(chosen.map((site) => look(site, reach))),
    deps.ports.store.lastSweep(),
  ]);
  const now = deps.now();
  if (flags.json) {
    context.out.write(
      `${JSON.stringify({ sites: rows.map(asJson), lastSweep: lastSweep === undefined ? null : iso(lastSweep) })}\n`,
    );
    return status.done;
  }
  if (rows.length === 0) context.out.write("There is no site yet.\n");
  else context.out.write(`${table(columns, rows, context.out.columns)}\n`);
  for (const { site, missing } of rows) {
    if (missing.length > 0)
      context.out.write(`${site} names groups that do not exist: ${printable(missing.join(", "))}\n`);
  }
  context.out.write(lastSweep === undefined ? "No sweep has run yet.\n" : `Last sweep ${relative(lastSweep, now)}.\n`);
  return status.done;
}

interface Row {
  readonly site: string;
  readonly groups: readonly string[];
  readonly missing: readonly string[];
  readonly desired: number;
  readonly inService: number;
  /** How many nodes are in each phase. */
  readonly phases: Readonly<Record<string, number>>;
  /** Parts that incidents are open for. */
  readonly inTrouble: readonly string[];
  readonly stopped: StopSwitch | undefined;
}

async function look(site: Site, { deps }: Reach): Promise<Row> {
  const { autoScaling, store } = deps.ports;
  const [facts, stopped, { open }, ...stored] = await Promise.all([
    autoScaling.describeGroups(site.groups),
    store.stopped(site.site),
    store.incidents(site.site),
    ...site.groups.map((group) => store.nodesOf(site.site, group)),
  ]);
  const records = new Map(stored.flat().map((node) => [nodeKey(node.record), node.record]));
  const phases: Record<string, number> = {};
  const count = (phase: string): void => {
    phases[phase] = (phases[phase] ?? 0) + 1;
  };
  const groups = [...facts.values()];
  for (const group of groups) {
    for (const { instance } of group.instances) {
      const key = nodeKey({ site: site.site, group: group.name, instance });
      count(records.get(key)?.phase.name ?? "not seen yet");
      records.delete(key);
    }
  }
  for (const record of records.values()) if (record.phase.name !== "gone") count(record.phase.name);
  return {
    site: site.site,
    groups: site.groups,
    missing: site.groups.filter((name) => !facts.has(name)),
    desired: groups.reduce((total, group) => total + group.desired, 0),
    inService: groups.flatMap((group) => group.instances).filter((instance) => instance.lifecycleState === "InService")
      .length,
    phases,
    inTrouble: open.map(({ part }) => part),
    stopped,
  };
}

const columns = [
  { title: "SITE", cell: (row: Row) => row.site },
  { title: "GROUPS", cell: (row: Row) => row.groups.join(", "), dispensable: 1 },
  { title: "DESIRED", cell: (row: Row) => String(row.desired) },
  { title: "IN SERVICE", cell: (row: Row) => String(row.inService) },
  { title: "NODES", cell: (row: Row) => phasesText(row.phases), dispensable: 2 },
  { title: "IN TROUBLE", cell: (row: Row) => row.inTrouble.join(", ") || "-" },
  {
    title: "STOPPED",
    cell: ({ stopped }: Row) => (stopped === undefined ? "no" : `by ${stopped.by}: ${stopped.reason}`),
    flexible: true,
  },
] as const;

const phasesText = (phases: Row["phases"]): string =>
  Object.entries(phases)
    .map(([phase, count]) => `${count} ${phase}`)
    .join(", ") || "none";

const asJson = ({ stopped, ...row }: Row) => ({
  ...row,
  stopped: stopped === undefined ? null : { ...stopped, at: iso(stopped.at) },
});
