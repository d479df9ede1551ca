/** Making and describing vaults. */
import type * as sdk from "@aws-sdk/client-backup";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { invalidValue, noSuchVaultToRead, requireModelled, vaultExists } from "./errors.ts";
import { pageOf } from "./paging.ts";
import type { Points } from "./points.ts";
import { type TagStore, tagsFrom } from "./tags.ts";
import type { Vault, Vaults } from "./vaults.ts";

export function vaultOperations(
  { clock, random, region, account }: Surroundings,
  { vaults, points, tags }: { vaults: Vaults; points: Points; tags: TagStore },
): Pick<Operations<typeof sdk>, "CreateBackupVault" | "DescribeBackupVault" | "ListBackupVaults"> {
  let order = 0;
  let managedKey: string | undefined;

  /** The account's key `aws/backup`, which AWS makes when the first vault needs it. */
  function ownKey(): string {
    managedKey ??= `arn:aws:kms:${region}:${account}:key/${random.uuid()}`;
    return managedKey;
  }

  return {
    CreateBackupVault({ BackupVaultName: name, BackupVaultTags, EncryptionKeyArn, CreatorRequestId }) {
      if (EncryptionKeyArn !== undefined) requireKey(EncryptionKeyArn);
      const given = tagsFrom(BackupVaultTags);
      const existing = vaults.byName.get(name);
      if (existing !== undefined) {
        if (CreatorRequestId === undefined || CreatorRequestId !== existing.creatorRequestId)
          throw vaultExists(existing);
        return created(existing);
      }
      const vault = {
        name,
        arn: `arn:aws:backup:${region}:${account}:backup-vault:${name}`,
        order: order++,
        createdAt: clock.now(),
        encryptionKey: EncryptionKeyArn ?? ownKey(),
        creatorRequestId: CreatorRequestId,
      };
      vaults.byName.set(name, vault);
      tags.adopt(vault.arn, given);
      return created(vault);
    },

    DescribeBackupVault({ BackupVaultName, ...others }) {
      requireModelled(others, []);
      const vault = vaults.byName.get(BackupVaultName);
      if (vault === undefined) throw noSuchVaultToRead();
      return described(vault);
    },

    ListBackupVaults({ ByVaultType = "BACKUP_VAULT", NextToken, MaxResults, ...others }) {
      requireModelled(others, []);
      // There are none of the other types.
      const all = ByVaultType === "BACKUP_VAULT" ? vaults.byName.values() : [];
      const { items, ...rest } = pageOf(all, { NextToken, MaxResults });
      return { BackupVaultList: items.map(described), ...rest };
    },
  };

  function described(vault: Vault): sdk.BackupVaultListMember {
    return {
      ...created(vault),
      VaultType: "BACKUP_VAULT",
      VaultState: "AVAILABLE",
      EncryptionKeyArn: vault.encryptionKey,
      ...(vault.creatorRequestId !== undefined && { CreatorRequestId: vault.creatorRequestId }),
      NumberOfRecoveryPoints: points.in(vault).length,
      Locked: false,
    };
  }
}

const created = ({ name, arn, createdAt }: Vault) => ({
  BackupVaultName: name,
  BackupVaultArn: arn,
  CreationDate: new Date(createdAt),
});

/** Whether there is such a key nobody can say: KMS is not here. */
function requireKey(arn: string): void {
  if (!/^arn:aws:kms:[a-z0-9-]+:\d{12}:(?:key|alias)\/[\w/-]+$/.test(arn))
    throw invalidValue(`The encryption key ${arn} is not valid.`);
}
