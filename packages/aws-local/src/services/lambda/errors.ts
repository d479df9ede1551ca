/** Errors of Lambda that several of its parts throw. */
import { InvalidParameterValueException } from "@aws-sdk/client-lambda";
import { AwsError } from "../../aws-error.ts";

export const invalid = (message: string): Error =>
  new InvalidParameterValueException({ Type: "User", message, $metadata: {} });

export const notModelled = (what: string): AwsError =>
  new AwsError("NotImplemented", `${what} is not modelled here`, 501);

/** For requests that carry a member which would change the result. */
export function refuseUnmodelled(input: object, names: readonly string[]): void {
  for (const [name, value] of Object.entries(input))
    if (names.includes(name) && value !== undefined && value !== false && !isEmptyValue(value)) throw notModelled(name);
}

const isEmptyValue = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((item) => item === undefined || isEmptyValue(item));
