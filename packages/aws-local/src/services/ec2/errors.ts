/** EC2's errors. Its client package exports no exception classes: every code is a plain one (EC2 API Reference, error codes). */
import { AwsError } from "../../aws-error.ts";

export const invalidParameterValue = (message: string): AwsError => new AwsError("InvalidParameterValue", message);

export const invalidParameterCombination = (message: string): AwsError =>
  new AwsError("InvalidParameterCombination", message);

export const missingParameter = (name: string): AwsError =>
  new AwsError("MissingParameter", `The request must contain the parameter ${name}`);

export const notModelled = (what: string): AwsError =>
  new AwsError("NotImplemented", `${what} is not modelled here`, 501);

export function instancesNotFound(instanceIds: readonly string[]): AwsError {
  const message =
    instanceIds.length === 1
      ? `The instance ID '${instanceIds[0]}' does not exist`
      : `The instance IDs '${instanceIds.join(", ")}' do not exist`;
  return new AwsError("InvalidInstanceID.NotFound", message);
}

export const malformedInstanceId = (instanceId: string): AwsError =>
  new AwsError("InvalidInstanceID.Malformed", `Invalid id: "${instanceId}"`);

export const incorrectState = (instanceId: string, done: "rebooted" | "started" | "stopped"): AwsError =>
  new AwsError(
    "IncorrectInstanceState",
    `The instance '${instanceId}' is not in a state from which it can be ${done}.`,
  );

/** A server fault, so 500: SDKs try it again by themselves. */
export function insufficientCapacity(instanceType: string, zone: string, spot: boolean): AwsError {
  const message = spot
    ? "There is no Spot capacity available that matches your request."
    : `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity.`;
  return new AwsError("InsufficientInstanceCapacity", message, 500);
}

export const dryRun = (): AwsError =>
  new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
