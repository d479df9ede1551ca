/**
 * Incidents of a site: of what its nodes say of what they share, and of what alarms say. Opened as soon as somebody complains of
 * something new, followed and closed by the sweep. What is decided is in `@warden/remediation`; this reads, writes it down and
 * tells.
 */
import { isUpgradeOver, type NodeRecord } from "@warden/fleet";
import {
  describe,
  followIncidents,
  type Incident,
  type IncidentNews,
  type NodeView,
  newParts,
  type RaisedAlarm,
} from "@warden/remediation";
import type { Deps } from "./deps.ts";
import { type LedgerEntry, readAlike, siteKey } from "./ledger.ts";
import type { StoredNode } from "./ports.ts";
import { publish } from "./publish.ts";
import type { Site } from "./site.ts";

/** What alarms say of a site. */
export interface HeardAlarms {
  readonly raised: readonly RaisedAlarm[];
  /** CloudWatch was asked, and these are all that are on. */
  readonly asked: boolean;
}

/** @param nodes all of the site's, as they are remembered */
export async function followSite(
  site: Site,
  nodes: readonly StoredNode[],
  { raised, asked }: HeardAlarms,
  deps: Deps,
): Promise<void> {
  const { store } = deps.ports;
  const before = await store.incidents(site.site);
  const there = nodes.filter(({ record }) => record.phase.name !== "gone");
  const heard = { nodes: there.map(viewOf), alarms: await unexpected(raised, site, deps), asked };
  const { open, news } = followIncidents(before.open, heard, deps.now());
  if (news.length === 0 && readAlike({ open }, { open: before.open })) return;
  const ledger = news.map((each) => entryOf(site, each, deps));
  // Whoever was faster has seen the same nodes; an alarm that is lost with it the sweep finds.
  const outcome = await store.commitIncidents({ site: site.site, open, version: before.version, ledger });
  if (outcome === "done") await publish(ledger, deps);
}

/** @param records nodes of the site that complain of what they did not complain of before */
export const openSoon = (site: Site, records: readonly NodeRecord[], deps: Deps): Promise<void> =>
  openUnlessKnown(site, [], (open) => newParts(open, { nodes: records.map(sayingOf), alarms: [] }).length === 0, deps);

/** However often an alarm is told of, nothing more comes of it while an incident knows it. */
export function openForAlarms(site: Site, raised: readonly RaisedAlarm[], deps: Deps): Promise<void> {
  const isKnown = (open: readonly Incident[]): boolean =>
    raised.every(({ name }) => open.some(({ alarms }) => alarms.includes(name)));
  return openUnlessKnown(site, raised, isKnown, deps);
}

async function openUnlessKnown(
  site: Site,
  raised: readonly RaisedAlarm[],
  isKnown: (open: readonly Incident[]) => boolean,
  deps: Deps,
): Promise<void> {
  const { store } = deps.ports;
  try {
    if (isKnown((await store.incidents(site.site)).open)) return;
    const groups = await Promise.all(site.groups.map((group) => store.nodesOf(site.site, group)));
    await followSite(site, groups.flat(), { raised, asked: false }, deps);
  } catch (error) {
    deps.log.warn("could not open an incident; the sweep will", { site: site.site, error });
  }
}

/** A site that is closed for its upgrade answers 503 as it should. */
async function unexpected(raised: readonly RaisedAlarm[], site: Site, deps: Deps): Promise<readonly RaisedAlarm[]> {
  if (!raised.some(({ part }) => part === "pages")) return raised;
  const upgrade = (await deps.ports.store.upgrade(site.site))?.upgrade;
  const isUpgraded = upgrade !== undefined && !isUpgradeOver(upgrade);
  return isUpgraded ? raised.filter(({ part }) => part !== "pages") : raised;
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
