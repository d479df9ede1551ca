/** Recovery points as the embedded AWS Backup makes them, and the pair that is chosen from them. */
import { Backup } from "@aws-sdk/client-backup";
import { clientConfig, seededRandom, virtualClock } from "@warden/aws-local";
import { createBackup } from "@warden/aws-local/services/backup/backup";
import { noDelays } from "@warden/aws-local/timings";
import { createRouter } from "@warden/aws-local/wire/index";
import { recoveryPair } from "@warden/moodle/site";
import { expect, it } from "vitest";
import { recoveryPointStore } from "../src/index.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const startAt = Date.parse("2026-11-01T08:00:00Z");
const recovery = {
  database: "arn:aws:rds:eu-west-1:123456789012:cluster:school",
  files: "arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-0123456789abcdef0",
  youngerThan: 24 * HOUR,
};

/** A region where a backup begins at once and takes ten minutes. */
async function region() {
  const clock = virtualClock({ startAt });
  const random = seededRandom(1);
  const timings = { ...noDelays, backupCompletion: { low: 10 * MINUTE, high: 10 * MINUTE } };
  const surroundings = { clock, random, timings, region: "eu-west-1", account: "123456789012" };
  const asked: string[] = [];
  const router = createRouter({
    services: [createBackup(surroundings, { trusts: () => true }).service],
    ...{ region: "eu-west-1", clock, random },
    onDefect(error) {
      throw error;
    },
    observe: ({ operation }) => asked.push(operation),
  });
  const config = clientConfig(router);
  const client = new Backup(config);
  await client.createBackupVault({ BackupVaultName: "school" });
  const backUp = (ResourceArn: string) =>
    client.startBackupJob({
      BackupVaultName: "school",
      ResourceArn,
      IamRoleArn: "arn:aws:iam::123456789012:role/backup",
    });
  const store = recoveryPointStore(config);

  async function pair() {
    const since = clock.now() - recovery.youngerThan;
    const database = await store.of(recovery.database, since);
    return recoveryPair(recovery, { database, files: await store.of(recovery.files, since) }, clock.now());
  }

  return { clock, client, store, backUp, pair, asked };
}

it("finds the pair when the database was backed up first, then the files", async () => {
  const { clock, backUp, pair } = await region();
  expect(await pair()).toMatchObject({
    found: false,
    why: expect.stringMatching(/^the database has no recovery point/),
  });
  await backUp(recovery.database);
  await clock.advance(10 * MINUTE);
  const { RecoveryPointArn } = await backUp(recovery.files);
  expect((await pair()).found).toBe(false);
  await clock.advance(10 * MINUTE);
  expect(await pair()).toEqual({
    found: true,
    database: {
      arn: expect.stringMatching(/:cluster-snapshot:awsbackup:job-/),
      ...{ status: "COMPLETED", createdAt: startAt, completedAt: startAt + 10 * MINUTE },
    },
    files: {
      arn: RecoveryPointArn,
      ...{ status: "COMPLETED", createdAt: startAt + 10 * MINUTE, completedAt: startAt + 20 * MINUTE },
    },
  });
});

it("says of a pair that is too old that it is", async () => {
  const { clock, backUp, pair } = await region();
  await backUp(recovery.database);
  await clock.advance(10 * MINUTE);
  await backUp(recovery.files);
  await clock.advance(25 * HOUR);
  expect(await pair()).toMatchObject({
    found: false,
    why: expect.stringMatching(
      /^the newest complete recovery point of the database, of 2026-11-01T08:00:00Z, is not younger than 1d, and the newest complete recovery point of the files, of 2026-11-01T08:10:00Z, is not younger than 1d: start/,
    ),
  });
});

it("finds none when both were backed up at once", async () => {
  const { clock, backUp, pair } = await region();
  await backUp(recovery.database);
  await backUp(recovery.files);
  await clock.advance(HOUR);
  expect(await pair()).toMatchObject({
    found: false,
    why: expect.stringMatching(/^no recovery point of the files was/),
  });
});

it("reads every page, and asks for the end of young points alone", async () => {
  const { clock, store, backUp, asked, client } = await region();
  // One more than fits on a page.
  for (let count = 0; count < 101; count++) await backUp(recovery.files);
  await clock.advance(25 * HOUR);
  await backUp(recovery.files);
  await clock.advance(10 * MINUTE);
  await backUp(recovery.files);
  await clock.advance(MINUTE);
  asked.length = 0;
  const points = await store.of(recovery.files, clock.now() - 24 * HOUR);
  expect(asked).toEqual([...["ListRecoveryPointsByResource", "ListRecoveryPointsByResource"], "DescribeRecoveryPoint"]);
  expect(points).toHaveLength(103);
  expect(points.slice(0, 3).map(({ status, completedAt }) => [status, completedAt === undefined])).toEqual([
    ["CREATING", true],
    ["COMPLETED", false],
    ["COMPLETED", true],
  ]);
  expect((await client.describeBackupVault({ BackupVaultName: "school" })).NumberOfRecoveryPoints).toBe(103);
});

it("says what AWS answers when it cannot be asked", async () => {
  const { store } = await region();
  await expect(store.of("arn:aws:rds:us-east-1:123456789012:db:school", 0)).rejects.toMatchObject({
    kind: "wrong",
    action: "backup:ListRecoveryPointsByResource",
  });
});
