/** What is said of an incident, in the ledger and to people: what it is, what Warden does and does not do, what to look at. */
import type { Incident, IncidentNews, Part } from "./incident.ts";

/** @returns one paragraph */
export function describe(news: IncidentNews): string {
  const { message, openedAt, saidAt } = news.incident;
  const who = saidBy(news.incident);
  const most = news.incident.most.nodes > 0 ? "up to " : "";
  if (news.is === "closed") return `${titleOf(news)} after ${minutes(saidAt - openedAt)}; ${most}${who} complained.`;
  return (
    `${titleOf(news)}, as ${who} said: ${withoutStop(message)}. ` +
    "No node is blamed or replaced for it, and it closes by itself when nobody complains any more."
  );
}

/** Without a full stop, as the subject of a mail is. */
export function titleOf({ is, incident: { part } }: IncidentNews): string {
  const verb = part === "files" || part === "pages" ? "are" : "is";
  return `${names[part]} ${verb} ${is === "opened" ? "in trouble" : "well again"}`;
}

const names: Readonly<Record<Part, string>> = {
  database: "The database",
  sessions: "The cache of sessions",
  cache: "The application cache",
  files: "The shared files",
  pages: "The pages",
};

/** The most nodes that did at once, and the alarms. */
export function saidBy({ most, alarms }: Pick<Incident, "most" | "alarms">): string {
  const nodes = most.nodes > 0 ? [many(most)] : [];
  const named = alarms.length === 0 ? [] : [`the alarm${alarms.length === 1 ? "" : "s"} ${alarms.join(", ")}`];
  return [...nodes, ...named].join(" and ");
}

/** CloudWatch's reasons end with one. */
export const withoutStop = (message: string): string => message.replace(/\.$/, "");

const many = ({ nodes, of }: Incident["most"]): string => `${nodes} of ${of} ${of === 1 ? "node" : "nodes"}`;

const minutes = (milliseconds: number): string =>
  milliseconds < 60_000 ? `${Math.round(milliseconds / 1_000)} s` : `${Math.round(milliseconds / 60_000)} min`;
