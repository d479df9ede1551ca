/** A job that backs a resource up, and how the answers show it. */
import type * as sdk from "@aws-sdk/client-backup";
import { described, type Lifecycle } from "./lifecycle.ts";
import type { Resource } from "./resources.ts";
import type { Vault } from "./vaults.ts";

export interface Job {
  readonly id: string;
  readonly order: number;
  readonly vault: Vault;
  readonly resource: Resource;
  readonly roleArn: string;
  readonly createdAt: number;
  readonly startBy: number;
  readonly pointArn: string;
  readonly lifecycle: Lifecycle | undefined;
  state: "CREATED" | "RUNNING" | "COMPLETED";
  completedAt: number | undefined;
}

export function describedJob(job: Job, account: string): sdk.BackupJob {
  return {
    AccountId: account,
    BackupJobId: job.id,
    BackupVaultName: job.vault.name,
    BackupVaultArn: job.vault.arn,
    VaultType: "BACKUP_VAULT",
    EncryptionKeyArn: job.vault.encryptionKey,
    IsEncrypted: true,
    // A snapshot of RDS has no name before it is begun; AWS Backup names its own points at once.
    ...((job.state !== "CREATED" || job.resource.type === "EFS") && { RecoveryPointArn: job.pointArn }),
    ...(job.lifecycle !== undefined && { RecoveryPointLifecycle: described(job.lifecycle) }),
    ResourceArn: job.resource.arn,
    ResourceType: job.resource.type,
    CreationDate: new Date(job.createdAt),
    InitiationDate: new Date(job.createdAt),
    StartBy: new Date(job.startBy),
    State: job.state,
    PercentDone: job.state === "COMPLETED" ? "100.0" : "0.0",
    ...(job.completedAt !== undefined && {
      CompletionDate: new Date(job.completedAt),
      // There is no data.
      BackupSizeInBytes: 0,
      BytesTransferred: 0,
    }),
    IamRoleArn: job.roleArn,
    IsParent: false,
  };
}
