/**
 * Which logs leave a node, for Amazon's CloudWatch agent, and how they are kept small. The agent reads every file of its
 * directory `amazon-cloudwatch-agent.d` when it starts (its start-amazon-cloudwatch-agent.go: `--input-dir`).
 *
 * The agent can leave lines out, but not change them. So where a line may hold a token, a session's id or what a user
 * wrote, it stays on the node: of a request that fails, nginx's own log has the path, status and times all the same.
 */
import type { SiteConfiguration } from "../site/schema.ts";
import { places } from "./places.ts";

interface LogFile {
  readonly file_path: string;
  /** Only lines that match all `include`, and no `exclude`. Go's regular expressions. */
  readonly filters?: readonly Filter[];
  /** Lines up to the next that begins so are one event. */
  readonly multi_line_start_pattern?: string;
}

interface Filter {
  readonly type: "include" | "exclude";
  readonly expression: string;
}

/** A node may write to these groups and make none: who makes the node's role makes them, too. */
export function agentSettings(site: SiteConfiguration): string {
  const files = Object.entries(logFiles).map(([name, file]) => ({
    ...file,
    log_group_name: logGroup(site, name),
    log_stream_name: "{instance_id}",
  }));
  return `${JSON.stringify({ logs: { logs_collected: { files: { collect_list: files } } } }, undefined, 2)}\n`;
}

export const logGroups = (site: Named): readonly string[] => Object.keys(logFiles).map((name) => logGroup(site, name));

type Named = Pick<SiteConfiguration, "site" | "logs">;

const logGroup = ({ site, logs = `/warden/${site}` }: Named, name: string): string => `${logs}/${name}`;

/** Days. Addresses of people are in them: long enough to look into a term's exam week, and no longer. */
export const logRetention = 30;

const without = (expression: string): Filter => ({ type: "exclude", expression });

/** nginx and FPM quote the whole request; the query, two kinds of paths and a header's line may hold a token. */
const withRequest = "[?]|tokenpluginfile[.]php/|rss/file[.]php/|[Cc]ookie";

/** Moodle adds the values of a statement to its exception (`moodle_database::query_log_error`). */
const withValues = "\\[array|=> ";

/** Moodle's session handler names the session whose lock it waits for. */
const withSession = "sid: |Tried to write session";

/** As in `[22-Nov-2026 06:05:04 UTC] PHP Warning: …`; a trace's lines begin with `[0x`. */
const phpTime = "^\\[[0-9]{2}-[A-Z][a-z]{2}-[0-9]{4} ";

const cronLine = `^(${[
  "Cron (run completed|script completed|completed|is disabled)",
  "Execute (scheduled|adhoc) task: ",
  "(Scheduled|Adhoc) task (complete|failed): ",
  "Ran [0-9]+ adhoc tasks",
  "[.]{3} (started|used) ",
].join("|")})`;

const logFiles: Readonly<Record<string, LogFile>> = {
  "nginx-access": { file_path: "/var/log/nginx/moodle.log" },
  "nginx-error": { file_path: "/var/log/nginx/error.log", filters: [without(withRequest)] },
  "php-fpm": { file_path: `${places.logs}/php-fpm.log`, filters: [without(withRequest)] },
  // Names of functions and files, without arguments.
  "php-slow": { file_path: `${places.logs}/php-slow.log`, multi_line_start_pattern: phpTime },
  php: {
    file_path: `${places.logs}/php.log`,
    multi_line_start_pattern: phpTime,
    filters: [without(withRequest), without(withValues), without(withSession)],
  },
  // Tasks print what they please: only Moodle's own words about them leave the node.
  cron: {
    file_path: `${places.logs}/cron.log`,
    filters: [{ type: "include", expression: cronLine }, without(withRequest), without(withValues)],
  },
  warden: { file_path: `${places.logs}/warden.log` },
  metrics: { file_path: `${places.logs}/measures.log` },
};

/** Copied and emptied in place: a cron process writes to its log for as long as its task takes, which may be hours. */
export function logRotation(): string {
  return `# Written by Warden. A change made here is found and taken back.
${places.logs}/*.log {
  daily
  maxsize 100M
  rotate 7
  compress
  missingok
  notifempty
  copytruncate
}
`;
}
