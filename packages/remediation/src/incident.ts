/**
 * An incident is one cause that several nodes complain of: something they share. There is one for each such thing of a
 * site at a time, however many nodes complain and however often; it closes when they have been well for a while.
 */
import type { Complaint, InstanceId, Shared } from "@warden/fleet";

export interface Incident {
  readonly id: string;
  readonly part: SharedPart;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  /** When a node was last seen that complains. */
  readonly saidAt: number;
  /** The most nodes that complained at once, of how many that were there. */
  readonly most: { readonly nodes: number; readonly of: number };
  /** As the first node said it. */
  readonly message: string;
}

/** Whoever closes a site by hand knows it: maintenance is a complaint of nodes, and no incident. */
export type SharedPart = Exclude<Shared, "maintenance">;

/** A node of the site, as it is remembered. */
export interface NodeView {
  readonly instance: InstanceId;
  readonly complaint: Complaint | undefined;
  /** When nothing was wrong with it, the last time. */
  readonly verifiedAt: number | undefined;
}

export interface IncidentNews {
  readonly is: "opened" | "closed";
  readonly incident: Incident;
}

export interface Incidents {
  readonly open: readonly Incident[];
  readonly news: readonly IncidentNews[];
}

/** Milliseconds without a complaint. A node that complained looks again every half a minute, so each had its turn. */
const quiet = 120_000;

/** Opens what nodes complain of and nobody did before, and closes what nobody complains of any more. @param nodes all of the site's */
export function followIncidents(before: readonly Incident[], nodes: readonly NodeView[], now: number): Incidents {
  const opened = newParts(before, nodes).map((part) => opening(part, nodes, now));
  const followed = before.map((incident) => seenAgain(incident, nodes, now));
  const closed = followed.filter((incident) => isWell(incident, nodes, now));
  return {
    open: [...followed.filter((incident) => !closed.includes(incident)), ...opened],
    news: [
      ...opened.map((incident) => ({ is: "opened", incident }) as const),
      ...closed.map((incident) => ({ is: "closed", incident }) as const),
    ],
  };
}

/** What these nodes complain of and no incident is open for. */
export function newParts(open: readonly Incident[], nodes: readonly Pick<NodeView, "complaint">[]): SharedPart[] {
  const complained = new Set(nodes.flatMap(({ complaint }) => complaint?.parts ?? []));
  for (const { part } of open) complained.delete(part);
  return [...complained].filter((part) => part !== "maintenance");
}

function opening(part: SharedPart, nodes: readonly NodeView[], now: number): Incident {
  const saying = whoSay(part, nodes);
  return {
    id: `${part}-${new Date(now).toISOString().replace(/\.\d+Z$/, "Z")}`,
    ...{ part, openedAt: now, saidAt: now },
    most: { nodes: saying.length, of: nodes.length },
    message: saying[0]?.complaint?.message ?? "",
  };
}

function seenAgain(incident: Incident, nodes: readonly NodeView[], now: number): Incident {
  const saying = whoSay(incident.part, nodes).length;
  if (saying === 0) return incident;
  const most = saying >= incident.most.nodes ? { nodes: saying, of: nodes.length } : incident.most;
  return { ...incident, saidAt: now, most };
}

/** That nobody complains is no proof: there may be nobody left, or nobody who could be asked. */
function isWell({ part, saidAt }: Incident, nodes: readonly NodeView[], now: number): boolean {
  if (whoSay(part, nodes).length > 0 || now - saidAt < quiet) return false;
  return nodes.some((node) => answeredAt(node) > saidAt);
}

/** Who complains of something else has found this part well. */
const answeredAt = ({ complaint, verifiedAt }: NodeView): number => Math.max(complaint?.at ?? 0, verifiedAt ?? 0);

const whoSay = (part: SharedPart, nodes: readonly NodeView[]): NodeView[] =>
  nodes.filter(({ complaint }) => complaint?.parts.includes(part));
