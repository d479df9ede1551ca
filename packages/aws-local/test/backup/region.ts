/** AWS Backup on a virtual clock, asked by its real client over the in-process wire. */
import { Backup, BackupServiceException } from "@aws-sdk/client-backup";
import { createBackup } from "../../src/services/backup/backup.ts";
import { clientConfigTo, surroundingsAt } from "../lone-service.ts";

export const startAt = Date.parse("2026-11-01T08:00:00Z");
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const START = 30_000;
export const COMPLETION = 10 * MINUTE;
const at = (milliseconds: number) => ({ low: milliseconds, high: milliseconds });

const here = "eu-west-1:123456789012";
export const database = `arn:aws:rds:${here}:db:school`;
export const cluster = `arn:aws:rds:${here}:cluster:school`;
export const files = `arn:aws:elasticfilesystem:${here}:file-system/fs-0123456789abcdef0`;
export const IamRoleArn = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole";
export const BackupVaultName = "school";
export const vaultArn = `arn:aws:backup:${here}:backup-vault:school`;

export function testRegion() {
  const base = surroundingsAt(startAt);
  const timings = { ...base.timings, backupStart: at(START), backupCompletion: at(COMPLETION) };
  const surroundings = { ...base, timings };
  const trusts = (role: string, { value }: { value: string }): boolean =>
    role === "AWSBackupDefaultServiceRole" && value === "backup.amazonaws.com";
  const { service, tagsOf } = createBackup(surroundings, { trusts });
  const { clock } = surroundings;
  const client = new Backup(clientConfigTo(service, surroundings));

  async function start(ResourceArn: string, more: Partial<Parameters<Backup["startBackupJob"]>[0]> = {}) {
    return client.startBackupJob({ BackupVaultName, ResourceArn, IamRoleArn, ...more });
  }

  /** The ARN of the recovery point, once it is whole. */
  async function backUp(resource: string): Promise<string> {
    const { BackupJobId = "" } = await start(resource);
    await clock.advance(START + COMPLETION);
    const { RecoveryPointArn = "" } = await client.describeBackupJob({ BackupJobId });
    return RecoveryPointArn;
  }

  return { client, clock, tagsOf, start, backUp };
}

/** `code: message` of a refusal. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof BackupServiceException ? `${error.name}: ${error.message}` : String(error);
}
