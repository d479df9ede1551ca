/**
 * Incidents of a site: of what its nodes say of what they share. Opened as soon as one complains of something new, followed
 * and closed by the sweep. What is decided is in `@warden/remediation`; this reads, writes it down and tells.
 */
import type { NodeRecord } from "@warden/fleet";
import { describe, followIncidents, type IncidentNews, type NodeView, newParts } from "@warden/remediation";
import type { Deps } from "./deps.ts";
import { type LedgerEntry, readAlike, siteKey } from "./ledger.ts";
import type { StoredNode } from "./ports.ts";
import { publish } from "./publish.ts";
import type { Site } from "./site.ts";

/** @param nodes all of the site's, as they are remembered */
export async function followSite(site: Site, nodes: readonly StoredNode[], deps: Deps): Promise<void> {
  const { store } = deps.ports;
  const before = await store.incidents(site.site);
  const there = nodes.filter(({ record }) => record.phase.name !== "gone");
  const { open, news } = followIncidents(before.open, there.map(viewOf), deps.now());
  if (news.length === 0 && readAlike({ open }, { open: before.open })) return;
  const ledger = news.map((each) => entryOf(site, each, deps));
  // Whoever was faster has seen the same nodes.
  const outcome = await store.commitIncidents({ site: site.site, open, version: before.version, ledger });
  if (outcome === "done") await publish(ledger, deps);
}

/** @param records nodes of the site that complain of what they did not complain of before */
export async function openSoon(site: Site, records: readonly NodeRecord[], deps: Deps): Promise<void> {
  try {
    const { open } = await deps.ports.store.incidents(site.site);
    if (newParts(open, records.map(sayingOf)).length === 0) return;
    const groups = await Promise.all(site.groups.map((group) => deps.ports.store.nodesOf(site.site, group)));
    await followSite(site, groups.flat(), deps);
  } catch (error) {
    deps.log.warn("could not open an incident; the sweep will", { site: site.site, error });
  }
}

/** Whether what it says of what all share is not what it said before. */
export function complainsAnew(before: NodeRecord | undefined, after: NodeRecord): boolean {
  const known = new Set(before === undefined ? [] : sayingOf(before).complaint?.parts);
  return sayingOf(after).complaint?.parts.some((part) => !known.has(part)) === true;
}

const sayingOf = ({ phase }: NodeRecord): Pick<NodeView, "complaint"> => ({
  complaint: phase.name === "in-service" || phase.name === "on-hold" ? phase.complaint : undefined,
});

const viewOf = ({ record }: StoredNode): NodeView => ({
  instance: record.instance,
  ...sayingOf(record),
  verifiedAt: record.verified?.at,
});

const entryOf = (site: Site, news: IncidentNews, deps: Deps): LedgerEntry => ({
  ...{ v: 1, key: siteKey(site.site), at: deps.now(), id: deps.id(), kind: "incident" },
  ...{ phase: news.is, phaseBefore: undefined, actions: [], evidence: { incident: news.incident } },
  why: describe(news),
});
