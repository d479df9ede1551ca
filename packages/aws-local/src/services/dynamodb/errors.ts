/** The errors of DynamoDB that several parts throw, in DynamoDB's words. */
import { ConditionalCheckFailedException, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { AwsError } from "../../aws-error.ts";
import type { Item } from "./values.ts";

/** The model of DynamoDB declares no class for it, although it is its most frequent error. */
export const validationException = (message: string): AwsError => new AwsError("ValidationException", message);

export const invalidParameter = (message: string): AwsError =>
  validationException(`One or more parameter values were invalid: ${message}`);

export const notModelled = (what: string): AwsError =>
  new AwsError("NotImplemented", `${what} is not modelled here`, 501);

/** `item` travels along only when the caller asked for `ALL_OLD` on a failed condition. */
export const conditionFailed = (item: Item | undefined): ConditionalCheckFailedException =>
  new ConditionalCheckFailedException({
    message: "The conditional request failed",
    $metadata: {},
    ...(item === undefined ? {} : { Item: item }),
  });

export const tableNotFound = (message = "Requested resource not found"): ResourceNotFoundException =>
  new ResourceNotFoundException({ message, $metadata: {} });
