import { describe, expect, it } from "vitest";
import { BackupVaultName, database, files, refusal, startAt, testRegion, vaultArn } from "./region.ts";

describe("CreateBackupVault (API reference)", () => {
  it("answers with name, ARN and time, and the vault has a key of the account where none was named", async () => {
    const { client } = testRegion();
    const created = { BackupVaultName, BackupVaultArn: vaultArn, CreationDate: new Date(startAt) };
    expect(await client.createBackupVault({ BackupVaultName })).toMatchObject(created);
    const vault = await client.describeBackupVault({ BackupVaultName });
    expect(vault).toMatchObject({
      ...created,
      VaultType: "BACKUP_VAULT",
      VaultState: "AVAILABLE",
      EncryptionKeyArn: expect.stringMatching(/^arn:aws:kms:eu-west-1:123456789012:key\/[0-9a-f-]{36}$/),
      NumberOfRecoveryPoints: 0,
      Locked: false,
    });
    await client.createBackupVault({ BackupVaultName: "second" });
    const second = await client.describeBackupVault({ BackupVaultName: "second" });
    expect(second.EncryptionKeyArn).toBe(vault.EncryptionKeyArn);
  });

  it("makes a name once; the same request again has the same answer", async () => {
    const { client } = testRegion();
    const first = await client.createBackupVault({ BackupVaultName, CreatorRequestId: "a" });
    const again = await client.createBackupVault({ BackupVaultName, CreatorRequestId: "a" });
    expect(again).toMatchObject({ BackupVaultArn: first.BackupVaultArn, CreationDate: first.CreationDate });
    const exists = "AlreadyExistsException: Backup vault with the same name already exists";
    expect(await refusal(client.createBackupVault({ BackupVaultName, CreatorRequestId: "b" }))).toBe(exists);
    expect(await refusal(client.createBackupVault({ BackupVaultName }))).toBe(exists);
  });

  it.each(["a", "Random Backups", "a.b", "x".repeat(51)])("refuses the name %s", async (BackupVaultName) => {
    const { client } = testRegion();
    expect(await refusal(client.createBackupVault({ BackupVaultName }))).toMatch(
      /^InvalidParameterValueException: .*'backupVaultName'.*\^\[a-zA-Z0-9\\-\\_\]\{2,50\}\$$/,
    );
  });

  it("refuses a key that can be none", async () => {
    const { client } = testRegion();
    expect(await refusal(client.createBackupVault({ BackupVaultName, EncryptionKeyArn: "aws/backup" }))).toMatch(
      /^InvalidParameterValueException: /,
    );
  });
});

describe("a vault that is not there", () => {
  it("is a matter of permission to who asks about it (aws-sdk-js issue 2625, boto3 issue 2269)", async () => {
    const { client } = testRegion();
    const denied = "AccessDeniedException: Insufficient privileges to perform this action.";
    expect(await refusal(client.describeBackupVault({ BackupVaultName }))).toBe(denied);
    expect(await refusal(client.listRecoveryPointsByBackupVault({ BackupVaultName }))).toBe(denied);
  });

  it("is not found by who wants something done with it", async () => {
    const { client, start } = testRegion();
    const missing = "ResourceNotFoundException: Cannot find backup vault school";
    expect(await refusal(start(database))).toBe(missing);
    const RecoveryPointArn = "arn:aws:backup:eu-west-1:123456789012:recovery-point:A";
    expect(await refusal(client.deleteRecoveryPoint({ BackupVaultName, RecoveryPointArn }))).toBe(missing);
  });
});

it("ListBackupVaults gives page after page, and none of another type", async () => {
  const { client } = testRegion();
  for (const BackupVaultName of ["one", "two", "three"]) await client.createBackupVault({ BackupVaultName });
  const first = await client.listBackupVaults({ MaxResults: 2 });
  expect(first.BackupVaultList?.map((vault) => vault.BackupVaultName)).toEqual(["three", "two"]);
  // What is made meanwhile moves nothing.
  await client.createBackupVault({ BackupVaultName: "four" });
  const second = await client.listBackupVaults({ MaxResults: 2, NextToken: first.NextToken });
  expect(second.BackupVaultList?.map((vault) => vault.BackupVaultName)).toEqual(["one"]);
  expect(second.NextToken).toBeUndefined();
  expect(await refusal(client.listBackupVaults({ NextToken: "x" }))).toMatch(/^InvalidParameterValueException: /);
  const locked = await client.listBackupVaults({ ByVaultType: "LOGICALLY_AIR_GAPPED_BACKUP_VAULT" });
  expect(locked.BackupVaultList).toEqual([]);
});

it("keeps tags of vaults and recovery points, as policies see them", async () => {
  const { client, clock, start, tagsOf } = testRegion();
  await client.createBackupVault({ BackupVaultName, BackupVaultTags: { site: "school" } });
  expect(tagsOf(vaultArn)).toEqual({ site: "school" });
  await client.tagResource({ ResourceArn: vaultArn, Tags: { stage: "test", site: "other" } });
  expect((await client.listTags({ ResourceArn: vaultArn })).Tags).toEqual({ site: "other", stage: "test" });
  await client.untagResource({ ResourceArn: vaultArn, TagKeyList: ["site"] });
  expect(tagsOf(vaultArn)).toEqual({ stage: "test" });

  const { RecoveryPointArn = "" } = await start(files, { RecoveryPointTags: { site: "school" } });
  await clock.advance(3_600_000);
  expect(tagsOf(RecoveryPointArn)).toEqual({ site: "school" });
  await client.deleteRecoveryPoint({ BackupVaultName, RecoveryPointArn });
  expect(tagsOf(RecoveryPointArn)).toEqual({});
  expect(await refusal(client.listTags({ ResourceArn: RecoveryPointArn }))).toMatch(/^ResourceNotFoundException: /);
});

it("refuses what it does not model", async () => {
  const { client } = testRegion();
  await client.createBackupVault({ BackupVaultName });
  expect(await refusal(client.deleteBackupVault({ BackupVaultName }))).toMatch(/^NotImplemented: /);
  expect(await refusal(client.listBackupPlans({}))).toMatch(/^NotImplemented: /);
  expect(await refusal(client.listBackupVaults({ ByShared: true }))).toMatch(/^NotImplemented: The parameter ByShared/);
});
