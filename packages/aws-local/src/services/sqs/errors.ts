/** The errors of SQS with the sentences that SQS writes. */
import * as sqs from "@aws-sdk/client-sqs";
import { AwsError } from "../../aws-error.ts";

const $metadata = {};

export const queueDoesNotExist = (): Error =>
  new sqs.QueueDoesNotExist({ message: "The specified queue does not exist.", $metadata });

export const invalidParameter = (message: string): AwsError => new AwsError("InvalidParameterValue", message);

export const invalidReceiptHandle = (handle: string, reason: string): AwsError =>
  invalidParameter(`Value ${handle} for parameter ReceiptHandle is invalid. Reason: ${reason}`);

export const missingParameter = (name: string): AwsError =>
  new AwsError("MissingParameter", `The request must contain the parameter ${name}.`);

export const malformedReceiptHandle = (handle: string): Error =>
  new sqs.ReceiptHandleIsInvalid({
    message: `The input receipt handle "${handle}" is not a valid receipt handle.`,
    $metadata,
  });

export const invalidAttribute = (name: string): Error =>
  new sqs.InvalidAttributeValue({ message: `Invalid value for the parameter ${name}.`, $metadata });

export const notModelled = (what: string): AwsError =>
  new AwsError("NotImplemented", `${what} is not modelled here`, 501);

export const messageNotInFlight = (): Error =>
  new sqs.MessageNotInflight({ message: "The specified message isn't in flight.", $metadata });
