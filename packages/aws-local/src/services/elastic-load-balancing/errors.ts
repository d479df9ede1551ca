/** Elastic Load Balancing's errors, in its own words. */
import {
  InvalidConfigurationRequestException,
  InvalidTargetException,
  ListenerNotFoundException,
  LoadBalancerNotFoundException,
  OperationNotPermittedException,
  TargetGroupNotFoundException,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { AwsError } from "../../aws-error.ts";

export const validationError = (message: string): AwsError => new AwsError("ValidationError", message);

export const notModelled = (what: string): AwsError =>
  new AwsError("NotImplemented", `${what} is not modelled here`, 501);

export const targetGroupNotFound = (): Error =>
  new TargetGroupNotFoundException({ message: "One or more target groups not found", $metadata: {} });

export const loadBalancerNotFound = (): Error =>
  new LoadBalancerNotFoundException({ message: "One or more load balancers not found", $metadata: {} });

export const listenerNotFound = (): Error =>
  new ListenerNotFoundException({ message: "One or more listeners not found", $metadata: {} });

export const invalidTarget = (message: string): Error => new InvalidTargetException({ message, $metadata: {} });

export const invalidConfiguration = (message: string): Error =>
  new InvalidConfigurationRequestException({ message, $metadata: {} });

export const notPermitted = (message: string): Error => new OperationNotPermittedException({ message, $metadata: {} });

export function requireRange(value: number, member: string, least: number, most: number): void {
  if (value >= least && value <= most) return;
  const [word, bound] = value < least ? ["greater", least] : ["less", most];
  throw validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value ${word} than or equal to ${bound}`,
  );
}
