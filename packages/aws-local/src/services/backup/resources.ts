/** What can be backed up here, as its ARN says it: databases of RDS, clusters of Aurora, file systems of EFS. */
import type { Surroundings } from "../../region.ts";
import { invalidValue, notModelled } from "./errors.ts";

export interface Resource {
  readonly arn: string;
  readonly type: "Aurora" | "EFS" | "RDS";
}

export function resourceOf(arn: string, { region, account }: Pick<Surroundings, "region" | "account">): Resource {
  const [, service = "", at = "", of = "", rest = ""] = /^arn:aws:([a-z0-9-]+):([^:]*):([^:]*):(.+)$/.exec(arn) ?? [];
  if (rest === "") throw invalidValue(`${arn} is not a valid ARN.`);
  if (at !== region || of !== account) throw invalidValue(`${arn} is not a resource of this account and Region.`);
  const type = types.find(([, form]) => form.test(`${service}:${rest}`))?.[0];
  if (type === undefined) throw notModelled(`A backup of ${arn}`);
  return { arn, type };
}

const types: readonly (readonly [Resource["type"], RegExp])[] = [
  ["RDS", /^rds:db:[A-Za-z][A-Za-z0-9-]*$/],
  ["Aurora", /^rds:cluster:[A-Za-z][A-Za-z0-9-]*$/],
  ["EFS", /^elasticfilesystem:file-system\/fs-[0-9a-f]{8,40}$/],
];

/**
 * A recovery point of EFS is AWS Backup's own; one of RDS is a snapshot that RDS keeps (developer guide, "Resources and
 * operations").
 */
export function pointArn(
  { type }: Resource,
  jobId: string,
  pointId: string,
  { region, account }: Pick<Surroundings, "region" | "account">,
): string {
  if (type === "EFS") return `arn:aws:backup:${region}:${account}:recovery-point:${pointId}`;
  const kind = type === "RDS" ? "snapshot" : "cluster-snapshot";
  return `arn:aws:rds:${region}:${account}:${kind}:awsbackup:job-${jobId.toLowerCase()}`;
}
