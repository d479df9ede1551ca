/** The errors of SNS with the sentences that SNS writes. */
import { InvalidParameterException, NotFoundException } from "@aws-sdk/client-sns";
import { AwsError } from "../../aws-error.ts";

export const invalid = (what: string): Error =>
  new InvalidParameterException({ message: `Invalid parameter: ${what}`, $metadata: {} });

export const notFound = (what: "Topic" | "Subscription"): Error =>
  new NotFoundException({ message: `${what} does not exist`, $metadata: {} });

export const notModelled = (what: string): AwsError =>
  new AwsError("NotImplemented", `${what} is not modelled here`, 501);
