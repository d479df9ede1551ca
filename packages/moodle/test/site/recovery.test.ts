import { describe, expect, it } from "vitest";
import { type RecoveryPoint, recoveryPair } from "../../src/site/index.ts";

const now = Date.parse("2026-11-01T12:00:00Z");
const HOUR = 3_600_000;
const recovery = {
  database: "arn:aws:rds:eu-west-1:123456789012:db:school",
  files: "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-0123456789abcdef0",
  youngerThan: 24 * HOUR,
};

/** Whole, from so many hours ago until so many hours ago. */
const point = (arn: string, from: number, until: number): RecoveryPoint => ({
  ...{ arn, status: "COMPLETED", createdAt: now - from * HOUR, completedAt: now - until * HOUR },
});
const unfinished = (arn: string, from: number, status: string): RecoveryPoint => ({
  ...{ arn, status, createdAt: now - from * HOUR, completedAt: undefined },
});

const pairOf = (database: readonly RecoveryPoint[], files: readonly RecoveryPoint[]) =>
  recoveryPair(recovery, { database, files }, now);
function arnsOf(database: readonly RecoveryPoint[], files: readonly RecoveryPoint[]): string[] | string {
  const pair = pairOf(database, files);
  return pair.found ? [pair.database.arn, pair.files.arn] : pair.why;
}

const startDatabase = `start a backup job of ${recovery.database} (aws backup start-backup-job)`;
const startFiles = `start a backup job of ${recovery.files} (aws backup start-backup-job)`;
const startBoth = `${startDatabase}, and when that is COMPLETED ${startFiles}`;
const notAfter =
  "no recovery point of the files was begun after one of the database was complete, so rows could name files that it lacks";

describe("the pair to go back to", () => {
  it("is a point of the database and one of the files that began when it was whole", () => {
    expect(arnsOf([point("d", 3, 2)], [point("f", 2, 1)])).toEqual(["d", "f"]);
  });

  it("is the newest that there is, in whatever order they are listed", () => {
    const databases = [point("d1", 9, 8), point("d3", 3, 2), point("d2", 6, 5)];
    const files = [point("f3", 2, 1), point("f1", 8, 7), point("f2", 5, 4)];
    expect(arnsOf(databases, files)).toEqual(["d3", "f3"]);
  });

  it("is an older one, while the newest point of the database has no files yet", () => {
    const databases = [point("new", 1, 0.5), point("old", 9, 8)];
    expect(arnsOf(databases, [point("f", 8, 7), unfinished("now", 0.4, "CREATING")])).toEqual(["old", "f"]);
  });

  it("has the first files after it: later ones may lack what was cleared away meanwhile", () => {
    expect(arnsOf([point("d", 9, 8)], [point("late", 1, 0.5), point("early", 7, 6)])).toEqual(["d", "early"]);
  });

  it("is as young as it has to be, by the time of what is in it", () => {
    const files = [point("f", 2, 1)];
    expect(arnsOf([point("d", 23.99, 23.5)], files)).toEqual(["d", "f"]);
    // Ended a while ago, and what is in it may be a day old.
    expect(arnsOf([point("d", 24, 23.5)], files)).toBe(
      `the newest complete recovery point of the database, of 2026-10-31T12:00:00Z, is not younger than 1d: ${startBoth}`,
    );
  });
});

describe("no pair", () => {
  it.each<[string, readonly RecoveryPoint[], readonly RecoveryPoint[], string]>([
    ["nothing", [], [], `the database has no recovery point, and the files have no recovery point: ${startBoth}`],
    ["no files", [point("d", 3, 2)], [], `the files have no recovery point: ${startFiles}`],
    ["no database", [], [point("f", 3, 2)], `the database has no recovery point: ${startBoth}`],
    ["files first", [point("d", 2, 1)], [point("f", 4, 3)], `${notAfter}: ${startFiles}`],
    [
      "both at one time, as one backup plan begins them",
      [point("d", 3, 2)],
      [point("f", 3, 1)],
      `${notAfter}: ${startFiles}`,
    ],
    [
      "files that began while the database was read",
      [point("d", 3, 2)],
      [point("f", 2.01, 1)],
      `${notAfter}: ${startFiles}`,
    ],
    [
      "files that are still copied",
      [point("d", 3, 2)],
      [unfinished("f", 1, "CREATING")],
      "the newest recovery point of the files, of 2026-11-01T11:00:00Z, is CREATING, not COMPLETED: wait for the backup job of the files",
    ],
    [
      "files that are still copied, and began too early",
      [point("d", 3, 2)],
      [unfinished("f", 2.5, "CREATING")],
      `the newest recovery point of the files, of 2026-11-01T09:30:00Z, is CREATING, not COMPLETED: ${startFiles}`,
    ],
    [
      "a database that is still copied",
      [unfinished("d", 1, "CREATING"), point("old", 50, 49)],
      [point("f", 48, 47)],
      `the newest complete recovery point of the database, of 2026-10-30T10:00:00Z, is not younger than 1d, and the newest complete recovery point of the files, of 2026-10-30T12:00:00Z, is not younger than 1d: wait for the backup job of the database, and when that is COMPLETED ${startFiles}`,
    ],
    [
      "what is PARTIAL",
      [{ ...point("d", 3, 2), status: "PARTIAL" }],
      [point("f", 2, 1)],
      `the newest recovery point of the database, of 2026-11-01T09:00:00Z, is PARTIAL, not COMPLETED: ${startBoth}`,
    ],
    [
      "a continuous backup",
      [{ ...point("d", 3, 2), status: "AVAILABLE" }],
      [point("f", 2, 1)],
      `the newest recovery point of the database, of 2026-11-01T09:00:00Z, is AVAILABLE, not COMPLETED: ${startBoth}`,
    ],
    [
      "an end that nobody knows",
      [{ ...point("d", 3, 2), completedAt: undefined }],
      [point("f", 2, 1)],
      `the newest complete recovery point of the database, of 2026-11-01T09:00:00Z, does not tell when it was complete: ${startBoth}`,
    ],
  ])("%s", (_, database, files, why) => expect(pairOf(database, files)).toEqual({ found: false, why }));
});
