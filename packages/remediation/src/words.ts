/** What is said of an incident, in the ledger and to people: what it is, what Warden does and does not do, what to look at. */
import type { Incident, IncidentNews, SharedPart } from "./incident.ts";

/** @returns one paragraph */
export function describe(news: IncidentNews): string {
  const { message, most, openedAt, saidAt } = news.incident;
  if (news.is === "closed")
    return `${titleOf(news)} after ${minutes(saidAt - openedAt)}; up to ${many(most)} complained.`;
  return (
    `${titleOf(news)}, as ${many(most)} said: ${message}. ` +
    "No node is blamed or replaced for it, and it closes by itself when nodes are well again."
  );
}

/** Without a full stop, as the subject of a mail is. */
export function titleOf({ is, incident: { part } }: IncidentNews): string {
  const verb = part === "files" ? "are" : "is";
  return `${names[part]} ${verb} ${is === "opened" ? "in trouble" : "well again"}`;
}

const names: Readonly<Record<SharedPart, string>> = {
  database: "The database",
  sessions: "The cache of sessions",
  cache: "The application cache",
  files: "The shared files",
};

export const many = ({ nodes, of }: Incident["most"]): string => `${nodes} of ${of} ${of === 1 ? "node" : "nodes"}`;

const minutes = (milliseconds: number): string =>
  milliseconds < 60_000 ? `${Math.round(milliseconds / 1_000)} s` : `${Math.round(milliseconds / 60_000)} min`;
