/**
 * AWS Backup: what concerns a recovery point is about that alone, although the call names its vault, too. What a job backs
 * up is no resource of the call: the role that is handed over may read it.
 */
import { type Input, type Mapping, passRole } from "./request.ts";

export const backup: Mapping = (operation, input, { region, account }) => {
  const vaults = input
    .texts("BackupVaultName")
    .map((name) => `arn:aws:backup:${region}:${account}:backup-vault:${name}`);
  const points = input.texts("RecoveryPointArn");
  const tagged = taggings.has(operation) ? input.texts("ResourceArn") : [];
  return [
    {
      resources: [...(points.length > 0 ? points : vaults), ...tagged],
      context: tagsOf(input.member("BackupVaultTags")),
    },
    ...passRole(input.text("IamRoleArn"), "backup.amazonaws.com"),
  ];
};

const taggings: ReadonlySet<string> = new Set(["ListTags", "TagResource", "UntagResource"]);

function tagsOf(tags: Input): Record<string, string | readonly string[]> {
  const keys = tags.keys();
  if (keys.length === 0) return {};
  const values = keys.map((key) => [`aws:RequestTag/${key}`, tags.text(key) ?? ""] as const);
  return { ...Object.fromEntries(values), "aws:TagKeys": keys };
}
