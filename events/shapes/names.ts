/**
 * What names and ids from outside may look like. Whatever passes here is stored, shown and sent to AWS, so nothing
 * passes that could be read as anything else than a name.
 */
import * as z from "zod/mini";

/** Old instances have 8 digits after the dash, newer ones 17 (EC2 guide, "Resource IDs"). */
const instanceIdPattern = /^i-[0-9a-f]{8,17}$/;
/** Printable ASCII without the colon, which Auto Scaling refuses (API reference, CreateAutoScalingGroup). */
const groupNamePattern = /^[ -9;-~]{1,255}$/;
/** Letters and digits: AWS's own samples end in `EXAMPLE`, and 36 characters is all that the API asks of a token. */
const uuidPattern = /^[0-9A-Za-z]{8}(?:-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}$/;

export const instanceId = z.string().check(z.regex(instanceIdPattern, "is not an instance id"));
/** Instance ids, and `mi-…` for machines that Systems Manager manages outside EC2. */
export const managedNodeId = z
  .string()
  .check(z.regex(/^(?:i-[0-9a-f]{8,17}|mi-[0-9a-f]{17})$/, "is not a managed node"));
export const groupName = z.string().check(z.regex(groupNamePattern, "is not the name of a group"));
export const hookName = z.string().check(z.regex(/^[A-Za-z0-9_/-]{1,255}$/, "is not the name of a lifecycle hook"));
export const token = z.string().check(z.regex(uuidPattern, "is not a lifecycle action token"));
export const commandId = z.string().check(z.regex(uuidPattern, "is not a command id"));
export const documentName = z.string().check(z.regex(/^[A-Za-z0-9_.:/-]{3,256}$/, "is not the name of a document"));
export const regionName = z.string().check(z.regex(/^[a-z]{2}(?:-[a-z]{2,16}){1,3}-\d{1,2}$/, "is not a Region"));
/** Of a cache cluster, or of a replication group (ElastiCache API, CreateReplicationGroup). */
export const cacheName = z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9-]{0,49}$/, "is not the name of a cache"));
/** Of a DB instance or a DB cluster (RDS API, CreateDBInstance). */
export const databaseName = z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9-]{0,62}$/, "is not the name of a database"));
/** The name or the ARN of a secret (Secrets Manager API, CreateSecret). */
export const secretName = z.string().check(z.regex(/^[A-Za-z0-9/_+=.@:-]{1,2048}$/, "is not the name of a secret"));
/** 1 to 255 characters, of which only control characters are refused (CloudWatch API, PutMetricAlarm). */
export const alarmName = z.string().check(z.regex(/^[^\p{Cc}]{1,255}$/u, "is not the name of an alarm"));
/** One of AWS's own words, as in `WarmPool`, `shutting-down`, `AWS_EC2_INSTANCE_STOP_SCHEDULED`. */
export const word = z.string().check(z.regex(/^[A-Za-z0-9_ -]{1,128}$/, "is not a word"));

export const isGroupName = (text: string): boolean => groupNamePattern.test(text);

/** The instance that a bare id or an ARN names. A spot warning's ARN has the zone where the Region belongs. */
export function instanceIn(resource: string): string | undefined {
  const slash = resource.lastIndexOf("/");
  if (slash >= 0 && !/^arn:[a-z-]{3,20}:ec2:[a-z0-9-]{0,40}:\d{0,12}:instance$/.test(resource.slice(0, slash))) return;
  const id = resource.slice(slash + 1);
  return instanceIdPattern.test(id) ? id : undefined;
}
