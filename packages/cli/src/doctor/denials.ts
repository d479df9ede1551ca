/** Was a call of Warden denied lately? The loop writes that into the ledger of the node it was for. */
import { inParallel, type LedgerEntry } from "@warden/control";
import { nodeKey } from "@warden/fleet";
import { relative } from "../render/time.ts";
import { bad, check, type Finding, ok } from "./check.ts";
import { sitesIn } from "./scope.ts";

const lately = 24 * 3_600_000;
/** The newest decisions of a node, and the nodes that changed last: a denial stops what it happens to, so it is there. */
const mostEntries = 20;
const mostNodes = 200;

interface Facts {
  readonly now: number;
  readonly nodes: number;
  readonly denied: readonly LedgerEntry[];
}

export const denialsCheck = check(
  "denials",
  async (reach, scope): Promise<Facts> => {
    const { store } = reach.deps.ports;
    const now = reach.deps.now();
    const sites = await sitesIn(reach, scope);
    const nodes = (
      await Promise.all(sites.flatMap((site) => site.groups.map((group) => store.nodesOf(site.site, group))))
    ).flat();
    const newest = nodes.sort((a, b) => b.record.since - a.record.since).slice(0, mostNodes);
    const denied: LedgerEntry[] = [];
    await inParallel(newest, 10, async ({ record }) => {
      const entries = await store.ledger(nodeKey(record), mostEntries);
      denied.push(...entries.filter((entry) => entry.kind === "denied" && entry.at > now - lately));
    });
    return { now, nodes: newest.length, denied };
  },
  judgeDenials,
);

export function judgeDenials({ now, nodes, denied }: Facts): Finding[] {
  const latest = new Map<string, LedgerEntry>();
  for (const entry of denied) {
    const action = entry.actions[0] ?? "";
    if ((latest.get(action)?.at ?? 0) < entry.at) latest.set(action, entry);
  }
  if (latest.size === 0) return [ok("ledger", `no call was denied in 24 h (${nodes} nodes)`)];
  return [...latest].map(([action, entry]) =>
    bad(
      action,
      `denied ${relative(entry.at, now)} for ${entry.key}: ${entry.why}`,
      "give the function that permission; the grants above show whether it lacks one",
    ),
  );
}
