/** What AWS Backup can give back. The SDK's client is loaded when somebody asks: most commands never do. */
import type { BackupClientConfig, RecoveryPointByResource } from "@aws-sdk/client-backup";
import type { RecoveryPoint } from "@warden/moodle/site";
import { calling } from "./classify.ts";

export interface RecoveryPointStore {
  /**
   * Of a resource, by its ARN. When a job ended is only asked of points that are complete and were made after `since`:
   * lists do not tell it.
   */
  of(resourceArn: string, since: number): Promise<readonly RecoveryPoint[]>;
}

export function recoveryPointStore(options: BackupClientConfig): RecoveryPointStore {
  return {
    async of(resourceArn, since) {
      const { BackupClient, DescribeRecoveryPointCommand, paginateListRecoveryPointsByResource } = await import(
        "@aws-sdk/client-backup"
      );
      const client = new BackupClient(options);

      async function listed(): Promise<RecoveryPointByResource[]> {
        const found: RecoveryPointByResource[] = [];
        // What AWS Backup does not manage is in no vault, so nobody could be asked when it ended.
        const request = { ResourceArn: resourceArn, ManagedByAWSBackupOnly: true };
        for await (const page of paginateListRecoveryPointsByResource({ client }, request))
          found.push(...(page.RecoveryPoints ?? []));
        return found;
      }

      async function endOf(point: RecoveryPointByResource): Promise<number | undefined> {
        const { RecoveryPointArn, BackupVaultName, Status, CreationDate } = point;
        if (Status !== "COMPLETED" || CreationDate === undefined || CreationDate.getTime() < since) return undefined;
        const command = new DescribeRecoveryPointCommand({ RecoveryPointArn, BackupVaultName });
        const { CompletionDate } = await calling("backup:DescribeRecoveryPoint", () => client.send(command));
        return CompletionDate?.getTime();
      }

      const points: RecoveryPoint[] = [];
      for (const point of await calling("backup:ListRecoveryPointsByResource", listed)) {
        const { RecoveryPointArn: arn, Status: status, CreationDate } = point;
        if (arn === undefined || status === undefined || CreationDate === undefined) continue;
        points.push({ arn, status, createdAt: CreationDate.getTime(), completedAt: await endOf(point) });
      }
      return points;
    },
  };
}
