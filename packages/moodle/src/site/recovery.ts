/**
 * What a person goes back to when an upgrade failed after it had begun to change the database: a recovery point of the
 * database and one of the files, of which each row of that database finds its file. A file is written before the row that
 * names it, so the backup of the files has to begin after the database's is whole; two that ran side by side are no pair.
 */
import { writeDuration } from "@warden/yaml";
import type { SiteConfiguration } from "./schema.ts";

export interface RecoveryPoint {
  readonly arn: string;
  /** AWS Backup's word: CREATING, COMPLETED, PARTIAL, EXPIRED … */
  readonly status: string;
  /** When its job was asked for: it shows nothing as it was before. */
  readonly createdAt: number;
  /** When its job ended: it shows nothing as it was later. Undefined where that is not known. */
  readonly completedAt: number | undefined;
}

/** By what they are of. */
export type RecoveryPoints = Readonly<Record<Part, readonly RecoveryPoint[]>>;
type Part = "database" | "files";

type Recovery = NonNullable<SiteConfiguration["recovery"]>;

export type RecoveryPair =
  | { readonly found: true; readonly database: RecoveryPoint; readonly files: RecoveryPoint }
  /** What is missing, and the mend. */
  | { readonly found: false; readonly why: string };

/**
 * The newest point of the database that has files to it, with the first such files: the longer Moodle ran after the
 * database's point, the more of the files that it names may have been cleared away.
 */
export function recoveryPair(recovery: Recovery, points: RecoveryPoints, now: number): RecoveryPair {
  const files = usable(points.files, recovery, now);
  for (const database of usable(points.database, recovery, now)) {
    const first = files.findLast((each) => belongs(each, database));
    if (first !== undefined) return { found: true, database, files: first };
  }
  return { found: false, why: `${missing(recovery, points, now)}: ${mend(recovery, points, now)}` };
}

/** The newest first. */
const usable = (points: readonly RecoveryPoint[], recovery: Recovery, now: number): RecoveryPoint[] =>
  points
    .filter((point) => isComplete(point) && point.completedAt !== undefined && isYoung(point, recovery, now))
    .toSorted(newestFirst);

/** AVAILABLE, the word for a continuous backup, is no point in time that files could belong to. */
const isComplete = ({ status }: RecoveryPoint): boolean => status === "COMPLETED";

const isYoung = ({ createdAt }: RecoveryPoint, { youngerThan }: Recovery, now: number): boolean =>
  now - createdAt < youngerThan;

const belongs = (files: RecoveryPoint, database: RecoveryPoint): boolean =>
  database.completedAt !== undefined && files.createdAt >= database.completedAt;

const newestFirst = (one: RecoveryPoint, other: RecoveryPoint): number => other.createdAt - one.createdAt;

// ---- Words ---------------------------------------------------------------------------------------------------------

function missing(recovery: Recovery, points: RecoveryPoints, now: number): string {
  const lacking = (["database", "files"] as const).flatMap((part) => lackOf(part, recovery, points[part], now) ?? []);
  if (lacking.length > 0) return lacking.join(", and ");
  return "no recovery point of the files was begun after one of the database was complete, so rows could name files that it lacks";
}

function lackOf(part: Part, recovery: Recovery, points: readonly RecoveryPoint[], now: number): string | undefined {
  if (usable(points, recovery, now).length > 0) return undefined;
  const newest = points.toSorted(newestFirst);
  const complete = newest.find(isComplete);
  const shown = complete ?? newest[0];
  if (shown === undefined) return `the ${part} ${part === "files" ? "have" : "has"} no recovery point`;
  const which = complete === undefined ? "newest" : "newest complete";
  return `the ${which} recovery point of the ${part}, of ${timeOf(shown)}, ${faultOf(shown, recovery, now)}`;
}

function faultOf(point: RecoveryPoint, recovery: Recovery, now: number): string {
  if (!isComplete(point)) return `is ${point.status}, not COMPLETED`;
  if (!isYoung(point, recovery, now)) return `is not younger than ${writeDuration(recovery.youngerThan)}`;
  return "does not tell when it was complete";
}

/** Database first, then files; what is under way is waited for. */
function mend(recovery: Recovery, { database, files }: RecoveryPoints, now: number): string {
  const underWay = ({ status }: RecoveryPoint): boolean => status === "CREATING";
  const [base] = usable(database, recovery, now);
  if (base !== undefined) {
    const comes = files.some((point) => underWay(point) && belongs(point, base));
    return comes ? "wait for the backup job of the files" : start(recovery.files);
  }
  const comes = database.some((point) => underWay(point) && isYoung(point, recovery, now));
  const first = comes ? "wait for the backup job of the database" : start(recovery.database);
  return `${first}, and when that is COMPLETED ${start(recovery.files)}`;
}

const start = (arn: string): string => `start a backup job of ${arn} (aws backup start-backup-job)`;

const timeOf = ({ createdAt }: RecoveryPoint): string => `${new Date(createdAt).toISOString().slice(0, 19)}Z`;
