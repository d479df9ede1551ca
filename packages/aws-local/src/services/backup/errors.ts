/** AWS Backup's errors. Where AWS's own words are known they are those; the others say plainly what is wrong. */
import {
  AlreadyExistsException,
  InvalidParameterValueException,
  InvalidResourceStateException,
  ResourceNotFoundException,
} from "@aws-sdk/client-backup";
import { AwsError } from "../../aws-error.ts";
import type { Vault } from "./vaults.ts";

export const notModelled = (what: string): AwsError =>
  new AwsError("NotImplemented", `${what} is not modelled here`, 501);

export const invalidValue = (message: string): Error => new InvalidParameterValueException({ message, $metadata: {} });

export const notFound = (what: string): Error =>
  new ResourceNotFoundException({ message: `Cannot find ${what}`, $metadata: {} });

/**
 * Who asks about a vault that is not there is told that he may not, whatever he may: its policy cannot be read
 * (aws-sdk-js issue 2625, boto3 issue 2269, pull request 1436 of Ansible's amazon.aws).
 */
export const noSuchVaultToRead = (): AwsError =>
  new AwsError("AccessDeniedException", "Insufficient privileges to perform this action.", 403);

export const vaultExists = ({ arn, creatorRequestId }: Vault): Error =>
  new AlreadyExistsException({
    message: "Backup vault with the same name already exists",
    Arn: arn,
    CreatorRequestId: creatorRequestId,
    $metadata: {},
  });

export const busy = (message: string): Error => new InvalidResourceStateException({ message, $metadata: {} });

/** Refuses every member that is given and not among those that the operation does fully. */
export function requireModelled(input: object, modelled: readonly string[]): void {
  const other = Object.entries(input).find(([name, value]) => value !== undefined && !modelled.includes(name));
  if (other !== undefined) throw notModelled(`The parameter ${other[0]}`);
}
