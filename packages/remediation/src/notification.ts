/** What a person is told of an incident, in each shape in which it may arrive: as a mail, and as a card in a chat. */
import type { IncidentNews, Part } from "./incident.ts";
import { describe, saidBy, titleOf, withoutStop } from "./words.ts";

export interface Notification {
  /** At most 100 characters of ASCII: SNS takes no others (API reference, Publish). */
  readonly subject: string;
  readonly mail: string;
  readonly card: Card;
}

/** As Amazon Q Developer takes it from a topic and shows it in Slack or Teams (its guide, "Custom notifications"). */
export interface Card {
  readonly version: "1.0";
  readonly source: "custom";
  readonly content: {
    readonly textType: "client-markdown";
    readonly title: string;
    readonly description: string;
    readonly nextSteps?: readonly string[];
  };
  /** What is said of one incident stands below each other. */
  readonly metadata: { readonly threadId: string; readonly summary: string };
}

export interface Whose {
  readonly site: string;
  readonly stage: string;
}

export function notificationOf(news: IncidentNews, { site, stage }: Whose): Notification {
  const { part, id } = news.incident;
  const subject = `${site}: ${titleOf(news)}`;
  const description = describe(news);
  const steps = news.is === "opened" ? [`Look at ${lookAt[part]}.`, `Run ${command({ site, stage })}`] : undefined;
  return {
    subject: subject.slice(0, 100),
    mail: news.is === "opened" ? openedMail(news, { site, stage }) : `${description}\n`,
    card: {
      ...{ version: "1.0", source: "custom" },
      content: { textType: "client-markdown", title: subject, description, ...(steps && { nextSteps: steps }) },
      metadata: { threadId: `${stage}/${site}/${id}`, summary: subject },
    },
  };
}

function openedMail({ incident }: IncidentNews, whose: Whose): string {
  const { part, message, most, openedAt } = incident;
  // An alarm comes on before a part fails, or without.
  const effect = most.nodes > 0 || part === "pages" ? effects[part] : undefined;
  return `${[
    `${titleOf({ is: "opened", incident })}${effect === undefined ? "." : `: ${effect}.`}`,
    "",
    `Since: ${new Date(openedAt).toISOString().replace("T", " ").replace(/\..*/, " UTC")}`,
    `Who says so: ${saidBy(incident)}: ${withoutStop(message)}.`,
    "What Warden does: it blames and replaces no node for it, and looks at nodes that complain each half a minute.",
    "What happens next: the incident closes by itself when nobody complains any more, and you are told.",
    `What to look at: ${lookAt[part]}.`,
    `What to run: ${command(whose)}`,
  ].join("\n")}\n`;
}

const command = ({ site, stage }: Whose): string => `npx warden incidents --site ${site} --stage ${stage}`;

/** What people notice of it. */
const effects: Readonly<Record<Part, string | undefined>> = {
  database: "the site gives no pages",
  sessions: "nobody can log in or stay logged in",
  cache: "pages are slow",
  files: undefined,
  pages: "visitors wait, or get errors",
};

const lookAt: Readonly<Record<Part, string>> = {
  database: "the database in RDS: its events, free storage, connections and CPU",
  sessions: "the sessions' replication group in ElastiCache: its events, memory and evictions",
  cache: "the cache's replication group in ElastiCache: its events, memory and CPU",
  files: "the file system in EFS: its burst credits, percent of its I/O limit, and mount targets",
  pages: "the load balancer's target group: response times, answers 5xx, and requests for each node",
};
