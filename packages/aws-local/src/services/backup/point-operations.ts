/** What can be gone back to. */
import type * as sdk from "@aws-sdk/client-backup";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { busy, invalidValue, noSuchVaultToRead, notFound, requireModelled } from "./errors.ts";
import { DAY, described as describedLifecycle } from "./lifecycle.ts";
import { pageOf } from "./paging.ts";
import type { Points, RecoveryPoint } from "./points.ts";
import { resourceOf } from "./resources.ts";
import type { TagStore } from "./tags.ts";
import { within } from "./times.ts";
import type { Vaults } from "./vaults.ts";

/** API reference, ListRecoveryPointsByResource: "Amazon RDS requires a value of at least 20." */
const LEAST_OF_RDS = 20;

const FILTERS =
  "BackupVaultName ByCreatedAfter ByCreatedBefore ByResourceArn ByResourceType MaxResults NextToken".split(" ");

export function pointOperations(
  surroundings: Surroundings,
  { vaults, points, tags }: { vaults: Vaults; points: Points; tags: TagStore },
): Pick<
  Operations<typeof sdk>,
  "DeleteRecoveryPoint" | "DescribeRecoveryPoint" | "ListRecoveryPointsByBackupVault" | "ListRecoveryPointsByResource"
> {
  return {
    // Whether only those of AWS Backup are asked for makes no difference: there are no others.
    ListRecoveryPointsByResource({ ResourceArn, MaxResults, NextToken }) {
      const { type } = resourceOf(ResourceArn, surroundings);
      if (type !== "EFS" && MaxResults !== undefined && MaxResults < LEAST_OF_RDS)
        throw invalidValue(`MaxResults must be at least ${LEAST_OF_RDS} for Amazon RDS.`);
      const { items, ...rest } = pageOf(points.of(ResourceArn), { MaxResults, NextToken });
      return { RecoveryPoints: items.map(ofResource), ...rest };
    },

    ListRecoveryPointsByBackupVault(input) {
      requireModelled(input, FILTERS);
      const vault = vaults.byName.get(input.BackupVaultName);
      if (vault === undefined) throw noSuchVaultToRead();
      const chosen = points
        .in(vault)
        .filter(({ resource }) => (input.ByResourceArn ?? resource.arn) === resource.arn)
        .filter(({ resource }) => (input.ByResourceType ?? resource.type) === resource.type)
        .filter(({ createdAt }) => within(createdAt, input.ByCreatedAfter, input.ByCreatedBefore));
      const { items, ...rest } = pageOf(chosen, input);
      return { RecoveryPoints: items.map(described), ...rest };
    },

    DescribeRecoveryPoint({ BackupVaultName, RecoveryPointArn, ...others }) {
      requireModelled(others, []);
      return { ...described(find(BackupVaultName, RecoveryPointArn)), StorageClass: "WARM" };
    },

    DeleteRecoveryPoint({ BackupVaultName, RecoveryPointArn }) {
      const point = find(BackupVaultName, RecoveryPointArn);
      if (point.completedAt === undefined) throw busy("The recovery point is still being created.");
      points.byArn.delete(point.arn);
      tags.forget(point.arn);
      return {};
    },
  };

  function find(vaultName: string, arn: string): RecoveryPoint {
    const vault = vaults.find(vaultName);
    const point = points.byArn.get(arn);
    if (point === undefined || point.vault !== vault) throw notFound("recovery point");
    return point;
  }
}

const statusOf = ({ completedAt }: RecoveryPoint) => (completedAt === undefined ? "CREATING" : "COMPLETED");

const ofResource = (point: RecoveryPoint): sdk.RecoveryPointByResource => ({
  RecoveryPointArn: point.arn,
  CreationDate: new Date(point.createdAt),
  Status: statusOf(point),
  EncryptionKeyArn: point.vault.encryptionKey,
  // There is no data.
  BackupSizeBytes: 0,
  BackupVaultName: point.vault.name,
  IsParent: false,
  VaultType: "BACKUP_VAULT",
});

const described = (point: RecoveryPoint): sdk.RecoveryPointByBackupVault => ({
  RecoveryPointArn: point.arn,
  BackupVaultName: point.vault.name,
  BackupVaultArn: point.vault.arn,
  ResourceArn: point.resource.arn,
  ResourceType: point.resource.type,
  IamRoleArn: point.roleArn,
  Status: statusOf(point),
  CreationDate: new Date(point.createdAt),
  InitiationDate: new Date(point.createdAt),
  ...(point.completedAt !== undefined && { CompletionDate: new Date(point.completedAt) }),
  BackupSizeInBytes: 0,
  ...(point.lifecycle !== undefined && {
    Lifecycle: describedLifecycle(point.lifecycle),
    CalculatedLifecycle: { DeleteAt: new Date(point.createdAt + point.lifecycle.deleteAfterDays * DAY) },
  }),
  EncryptionKeyArn: point.vault.encryptionKey,
  IsEncrypted: true,
  IsParent: false,
  VaultType: "BACKUP_VAULT",
});
