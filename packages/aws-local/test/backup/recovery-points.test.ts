import { describe, expect, it } from "vitest";
import {
  BackupVaultName,
  COMPLETION,
  cluster,
  DAY,
  database,
  files,
  HOUR,
  IamRoleArn,
  MINUTE,
  refusal,
  START,
  startAt,
  testRegion,
  vaultArn,
} from "./region.ts";

/** A region with its vault. */
async function withVault() {
  const region = testRegion();
  await region.client.createBackupVault({ BackupVaultName });
  return region;
}

const jobId = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;
const date = (after: number) => new Date(startAt + after);

describe("StartBackupJob (API reference)", () => {
  it("is CREATED, then RUNNING with a point that is CREATING, then both are COMPLETED", async () => {
    const { client, clock, start } = await withVault();
    const started = await start(files);
    expect(started).toMatchObject({
      BackupJobId: expect.stringMatching(jobId),
      RecoveryPointArn: expect.stringMatching(/^arn:aws:backup:eu-west-1:123456789012:recovery-point:[0-9A-F-]{36}$/),
      CreationDate: date(0),
      IsParent: false,
    });
    const { BackupJobId = "", RecoveryPointArn } = started;
    const job = () => client.describeBackupJob({ BackupJobId });
    const points = async () => (await client.listRecoveryPointsByResource({ ResourceArn: files })).RecoveryPoints;

    expect(await job()).toMatchObject({
      AccountId: "123456789012",
      BackupVaultName,
      BackupVaultArn: vaultArn,
      ResourceArn: files,
      ResourceType: "EFS",
      State: "CREATED",
      PercentDone: "0.0",
      IamRoleArn,
      // Eight hours by default.
      StartBy: date(8 * HOUR),
    });
    expect(await points()).toEqual([]);
    await clock.advance(START);
    expect(await job()).toMatchObject({ State: "RUNNING", PercentDone: "0.0" });
    expect(await points()).toMatchObject([{ RecoveryPointArn, Status: "CREATING", CreationDate: date(0) }]);
    await clock.advance(COMPLETION - 1);
    expect((await job()).State).toBe("RUNNING");
    await clock.advance(1);
    const completed = { CompletionDate: date(START + COMPLETION), CreationDate: date(0) };
    expect(await job()).toMatchObject({ State: "COMPLETED", PercentDone: "100.0", ...completed });
    expect(await points()).toMatchObject([{ RecoveryPointArn, Status: "COMPLETED", BackupVaultName }]);
    expect(
      await client.describeRecoveryPoint({ BackupVaultName, RecoveryPointArn: RecoveryPointArn ?? "" }),
    ).toMatchObject({
      Status: "COMPLETED",
      ...completed,
      ResourceArn: files,
      ResourceType: "EFS",
      StorageClass: "WARM",
    });
  });

  it.each([
    [database, "RDS", "snapshot"],
    [cluster, "Aurora", "cluster-snapshot"],
  ])("of %s leaves a snapshot of RDS, which it names when it has begun", async (resource, type, kind) => {
    const { client, clock, start } = await withVault();
    const { BackupJobId = "", RecoveryPointArn } = await start(resource);
    const job = () => client.describeBackupJob({ BackupJobId });
    expect([RecoveryPointArn, (await job()).RecoveryPointArn]).toEqual([undefined, undefined]);
    await clock.advance(START);
    expect(await job()).toMatchObject({
      ResourceType: type,
      RecoveryPointArn: `arn:aws:rds:eu-west-1:123456789012:${kind}:awsbackup:job-${BackupJobId.toLowerCase()}`,
    });
  });

  it("with the same token starts one job", async () => {
    const { client, start } = await withVault();
    const first = await start(files, { IdempotencyToken: "a" });
    const again = await start(files, { IdempotencyToken: "a" });
    const other = await start(files, { IdempotencyToken: "b" });
    const ofOther = await start(database, { IdempotencyToken: "a" });
    const jobs = [first, again, other, ofOther].map(({ BackupJobId }) => BackupJobId);
    expect(jobs).toEqual([jobs[0], jobs[0], jobs[2], jobs[3]]);
    expect((await client.listBackupJobs({})).BackupJobs).toHaveLength(3);
  });

  it.each<[string, object, RegExp]>([
    [
      "a role that it may not assume",
      { IamRoleArn: "arn:aws:iam::123456789012:role/node" },
      /^InvalidParameterValueException: IAM Role arn:aws:iam::123456789012:role\/node cannot be assumed by AWS Backup$/,
    ],
    ["what is no ARN", { ResourceArn: "school" }, /^InvalidParameterValueException: school is not a valid ARN/],
    [
      "what belongs to somebody else",
      { ResourceArn: "arn:aws:rds:eu-west-1:999999999999:db:school" },
      /^InvalidParameterValueException: .* is not a resource of this account and Region/,
    ],
    [
      "what is elsewhere",
      { ResourceArn: "arn:aws:rds:us-east-1:123456789012:db:school" },
      /^InvalidParameterValueException: .* is not a resource of this account and Region/,
    ],
    [
      "what is not modelled",
      { ResourceArn: "arn:aws:dynamodb:eu-west-1:123456789012:table/x" },
      /^NotImplemented: A backup of arn:aws:dynamodb/,
    ],
    [
      "a window under an hour",
      { StartWindowMinutes: 59 },
      /^InvalidParameterValueException: StartWindowMinutes must be from 60/,
    ],
    ["a window for its end", { CompleteWindowMinutes: 600 }, /^NotImplemented: The parameter CompleteWindowMinutes/],
    [
      "cold storage",
      { Lifecycle: { MoveToColdStorageAfterDays: 1, DeleteAfterDays: 91 } },
      /^NotImplemented: The parameter MoveToColdStorageAfterDays/,
    ],
  ])("refuses %s, and starts nothing", async (_, more, expected) => {
    const { client, start } = await withVault();
    expect(await refusal(start(database, more))).toMatch(expected);
    expect((await client.listBackupJobs({})).BackupJobs).toEqual([]);
  });

  it("tells who leaves the role out that it is missing", async () => {
    const { client } = await withVault();
    const call = client.startBackupJob({ BackupVaultName, ResourceArn: files, IamRoleArn: undefined });
    expect(await refusal(call)).toMatch(/^MissingParameterValueException: .*'iamRoleArn'/);
  });
});

describe("recovery points", () => {
  it("of a resource come in pages, the newest first; RDS takes pages of 20 and more", async () => {
    const { client, backUp } = await withVault();
    const arns = [await backUp(files), await backUp(files), await backUp(files)];
    await backUp(database);
    const page = (NextToken?: string) =>
      client.listRecoveryPointsByResource({ ResourceArn: files, MaxResults: 2, NextToken });
    const first = await page();
    const second = await page(first.NextToken);
    const listed = [...(first.RecoveryPoints ?? []), ...(second.RecoveryPoints ?? [])];
    expect(listed.map(({ RecoveryPointArn }) => RecoveryPointArn)).toEqual(arns.reverse());
    expect([first.RecoveryPoints?.length, second.NextToken]).toEqual([2, undefined]);
    const ofDatabase = { ResourceArn: database, ManagedByAWSBackupOnly: true };
    expect((await client.listRecoveryPointsByResource({ ...ofDatabase, MaxResults: 20 })).RecoveryPoints).toHaveLength(
      1,
    );
    expect(await refusal(client.listRecoveryPointsByResource({ ...ofDatabase, MaxResults: 19 }))).toMatch(
      /^InvalidParameterValueException: MaxResults must be at least 20/,
    );
  });

  it("of a resource that has none are none", async () => {
    const { client } = await withVault();
    expect((await client.listRecoveryPointsByResource({ ResourceArn: database })).RecoveryPoints).toEqual([]);
  });

  it("of a vault are chosen by resource and time", async () => {
    const { client, clock, backUp } = await withVault();
    await client.createBackupVault({ BackupVaultName: "other" });
    const early = await backUp(files);
    await clock.advance(HOUR);
    const late = await backUp(database);
    const listed = async (more: object) => {
      const answer = await client.listRecoveryPointsByBackupVault({ BackupVaultName, ...more });
      return answer.RecoveryPoints?.map(({ RecoveryPointArn }) => RecoveryPointArn);
    };
    expect(await listed({})).toEqual([late, early]);
    expect(await listed({ ByResourceArn: files })).toEqual([early]);
    expect(await listed({ ByResourceType: "RDS" })).toEqual([late]);
    expect(await listed({ ByCreatedBefore: date(30 * MINUTE) })).toEqual([early]);
    expect(await listed({ ByCreatedAfter: date(30 * MINUTE) })).toEqual([late]);
    expect(await listed({ BackupVaultName: "other" })).toEqual([]);
    expect(await refusal(listed({ ByBackupPlanId: "x" }))).toMatch(/^NotImplemented: /);
    expect(await client.describeBackupVault({ BackupVaultName })).toMatchObject({ NumberOfRecoveryPoints: 2 });
  });

  it("are deleted once they are whole, and then not found", async () => {
    const { client, clock, start } = await withVault();
    const { RecoveryPointArn = "" } = await start(files);
    const point = { BackupVaultName, RecoveryPointArn };
    const missing = "ResourceNotFoundException: Cannot find recovery point";
    expect(await refusal(client.describeRecoveryPoint(point))).toBe(missing);
    await clock.advance(START);
    expect(await refusal(client.deleteRecoveryPoint(point))).toMatch(/^InvalidResourceStateException: /);
    await clock.advance(COMPLETION);
    await client.createBackupVault({ BackupVaultName: "other" });
    expect(await refusal(client.deleteRecoveryPoint({ ...point, BackupVaultName: "other" }))).toBe(missing);
    await client.deleteRecoveryPoint(point);
    expect(await refusal(client.describeRecoveryPoint(point))).toBe(missing);
    expect((await client.listRecoveryPointsByResource({ ResourceArn: files })).RecoveryPoints).toEqual([]);
  });

  it("go by themselves when their days are over", async () => {
    const { client, clock, start } = await withVault();
    const { RecoveryPointArn = "" } = await start(files, { Lifecycle: { DeleteAfterDays: 7 } });
    const point = { BackupVaultName, RecoveryPointArn };
    await clock.advance(7 * DAY - 1);
    expect(await client.describeRecoveryPoint(point)).toMatchObject({
      Lifecycle: { DeleteAfterDays: 7 },
      CalculatedLifecycle: { DeleteAt: date(7 * DAY) },
    });
    await clock.advance(1);
    expect(await refusal(client.describeRecoveryPoint(point))).toMatch(/^ResourceNotFoundException: /);
  });
});

it("ListBackupJobs chooses by state, vault, resource and time", async () => {
  const { client, clock, start } = await withVault();
  const { BackupJobId: done } = await start(database);
  await clock.advance(HOUR);
  const { BackupJobId: begun } = await start(files);
  const listed = async (filter: object) => {
    const { BackupJobs } = await client.listBackupJobs(filter);
    return BackupJobs?.map(({ BackupJobId }) => BackupJobId);
  };
  expect(await listed({})).toEqual([begun, done]);
  expect(await listed({ ByState: "COMPLETED" })).toEqual([done]);
  expect(await listed({ ByResourceArn: files })).toEqual([begun]);
  expect(await listed({ ByBackupVaultName: "other" })).toEqual([]);
  expect(await listed({ ByCreatedAfter: date(MINUTE) })).toEqual([begun]);
  expect(await listed({ ByCompleteBefore: date(HOUR) })).toEqual([done]);
  expect(await refusal(client.describeBackupJob({ BackupJobId: "x" }))).toMatch(/^ResourceNotFoundException: /);
});
