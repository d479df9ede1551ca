/** A vault, and in it what an upgrade of the local site could be taken back with: the database first, then the files. */
import {
  BackupClient,
  CreateBackupVaultCommand,
  DescribeBackupJobCommand,
  StartBackupJobCommand,
} from "@aws-sdk/client-backup";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import type { ClientOptions } from "../loop.ts";
import { type DeployContext, named } from "./context.ts";

/** @param pause between two looks at a job */
export async function makeRecoveryPoints(
  context: DeployContext,
  client: ClientOptions,
  { database, files }: { readonly database: string; readonly files: string },
  pause: () => Promise<void>,
): Promise<void> {
  const backup = new BackupClient(client);
  const BackupVaultName = named(context, "vault");
  await backup.send(new CreateBackupVaultCommand({ BackupVaultName }));
  const IamRoleArn = await roleOfBackups(context);
  for (const ResourceArn of [database, files]) {
    const { BackupJobId } = await backup.send(new StartBackupJobCommand({ BackupVaultName, ResourceArn, IamRoleArn }));
    do await pause();
    while ((await backup.send(new DescribeBackupJobCommand({ BackupJobId }))).State !== "COMPLETED");
  }
}

/** It may do nothing: there is nothing that it would read. */
async function roleOfBackups(context: DeployContext): Promise<string | undefined> {
  const trust = { Effect: "Allow", Principal: { Service: "backup.amazonaws.com" }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  const role = new CreateRoleCommand({ RoleName: named(context, "backup"), AssumeRolePolicyDocument });
  return (await context.clients.iam.send(role)).Role?.Arn;
}
