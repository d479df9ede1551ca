/** ElastiCache's errors. Where AWS documents a sentence it is the sentence; the others say plainly what is wrong. */
import {
  CacheClusterNotFoundFault,
  InvalidParameterCombinationException,
  InvalidParameterValueException,
  InvalidReplicationGroupStateFault,
  ReplicationGroupNotFoundFault,
} from "@aws-sdk/client-elasticache";
import { AwsError } from "../../aws-error.ts";

export const notModelled = (what: string): AwsError =>
  new AwsError("NotImplemented", `${what} is not modelled here`, 501);

export const invalidValue = (message: string): Error => new InvalidParameterValueException({ message, $metadata: {} });

export const invalidCombination = (message: string): Error =>
  new InvalidParameterCombinationException({ message, $metadata: {} });

export const invalidState = (message: string): Error =>
  new InvalidReplicationGroupStateFault({ message, $metadata: {} });

export const groupNotFound = (id: string): Error =>
  new ReplicationGroupNotFoundFault({ message: `ReplicationGroup ${id} not found.`, $metadata: {} });

export const clusterNotFound = (id: string): Error =>
  new CacheClusterNotFoundFault({ message: `CacheCluster not found: ${id}`, $metadata: {} });

/** Refuses every member that is given and not among those that the operation does fully. */
export function requireModelled(input: object, modelled: readonly string[]): void {
  const other = Object.entries(input).find(([name, value]) => value !== undefined && !modelled.includes(name));
  if (other !== undefined) throw notModelled(`The parameter ${other[0]}`);
}
