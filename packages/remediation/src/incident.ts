/**
 * An incident is one cause that several nodes complain of, or alarms of CloudWatch tell of: something that nodes share, or the
 * pages that all of them give. There is one for each such part of a site at a time, however many complain and however often; it
 * closes when nobody has for a while.
 */
import type { Complaint, InstanceId, Shared } from "@warden/fleet";

export interface Incident {
  readonly id: string;
  readonly part: Part;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  /** When a node was last seen that complains, or an alarm that is on. */
  readonly saidAt: number;
  /** The most nodes that complained at once, of how many that were there. */
  readonly most: { readonly nodes: number; readonly of: number };
  /** Names of the alarms that were on when it was last looked, or else of those that were on at all. */
  readonly alarms: readonly string[];
  /** As the first node said it, or the first alarm. */
  readonly message: string;
}

/** Whoever closes a site by hand knows it: maintenance is a complaint of nodes, and no incident. */
export type SharedPart = Exclude<Shared, "maintenance">;

/** `pages`: what visitors get, whoever is to blame. Only alarms tell of it. */
export const parts = ["database", "sessions", "cache", "files", "pages"] as const satisfies (SharedPart | "pages")[];
export type Part = (typeof parts)[number];

/** A node of the site, as it is remembered. */
export interface NodeView {
  readonly instance: InstanceId;
  readonly complaint: Complaint | undefined;
  /** When nothing was wrong with it, the last time. */
  readonly verifiedAt: number | undefined;
}

/** An alarm of the site that is on. */
export interface RaisedAlarm {
  readonly name: string;
  readonly part: Part;
  /** In CloudWatch's words. */
  readonly reason: string;
}

/** What is known of a site at one moment. */
export interface Heard {
  /** All of the site's. */
  readonly nodes: readonly NodeView[];
  /** Those that are on; what an event told, and not all, where CloudWatch was not asked. */
  readonly alarms: readonly RaisedAlarm[];
  /** CloudWatch was asked: an alarm that is not among them is off. */
  readonly asked: boolean;
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

/** Opens what somebody complains of and nobody did before, and closes what nobody complains of any more. */
export function followIncidents(before: readonly Incident[], heard: Heard, now: number): Incidents {
  const opened = newParts(before, heard).map((part) => opening(part, heard, now));
  const followed = before.map((incident) => seenAgain(incident, heard, now));
  const closed = followed.filter((incident) => isWell(incident, heard, now));
  return {
    open: [...followed.filter((incident) => !closed.includes(incident)), ...opened],
    news: [
      ...opened.map((incident) => ({ is: "opened", incident }) as const),
      ...closed.map((incident) => ({ is: "closed", incident }) as const),
    ],
  };
}

/** What these nodes and alarms complain of and no incident is open for. */
export function newParts(
  open: readonly Incident[],
  {
    nodes,
    alarms,
  }: { readonly nodes: readonly Pick<NodeView, "complaint">[]; readonly alarms: readonly RaisedAlarm[] },
): Part[] {
  const complained = new Set<Shared | Part>(nodes.flatMap(({ complaint }) => complaint?.parts ?? []));
  for (const { part } of alarms) complained.add(part);
  for (const { part } of open) complained.delete(part);
  return parts.filter((part) => complained.has(part));
}

function opening(part: Part, { nodes, alarms }: Heard, now: number): Incident {
  const saying = whoSay(part, nodes);
  const raised = alarms.filter((alarm) => alarm.part === part);
  return {
    id: `${part}-${new Date(now).toISOString().replace(/\.\d+Z$/, "Z")}`,
    ...{ part, openedAt: now, saidAt: now },
    most: { nodes: saying.length, of: nodes.length },
    alarms: raised.map(({ name }) => name),
    message: saying[0]?.complaint?.message ?? raised[0]?.reason ?? "",
  };
}

function seenAgain(incident: Incident, { nodes, alarms, asked }: Heard, now: number): Incident {
  const saying = whoSay(incident.part, nodes).length;
  const raised = alarms.filter(({ part }) => part === incident.part).map(({ name }) => name);
  const most = saying > 0 && saying >= incident.most.nodes ? { nodes: saying, of: nodes.length } : incident.most;
  const saidAt = saying + raised.length > 0 ? now : incident.saidAt;
  // Those that told of it are still named when it closes.
  const known = asked && raised.length > 0 ? raised : [...new Set([...incident.alarms, ...raised])];
  return { ...incident, saidAt, most, alarms: known };
}

/** That nobody complains is no proof: there may be nobody left, or nobody who could be asked. */
function isWell({ saidAt, most, alarms }: Incident, heard: Heard, now: number): boolean {
  if (now - saidAt < quiet) return false;
  if (alarms.length > 0 && !heard.asked) return false;
  return most.nodes === 0 || heard.nodes.some((node) => answeredAt(node) > saidAt);
}

/** Who complains of something else has found this part well. */
const answeredAt = ({ complaint, verifiedAt }: NodeView): number => Math.max(complaint?.at ?? 0, verifiedAt ?? 0);

const whoSay = (part: Part, nodes: readonly NodeView[]): NodeView[] =>
  nodes.filter(({ complaint }) => complaint?.parts.some((each) => each === part));
