import { AwsError } from "../../aws-error.ts";

/** EventBridge's model does not declare this error. */
export const validationException = (message: string): AwsError => new AwsError("ValidationException", message);

export function notModelled(what: string, value: unknown): void {
  if (value !== undefined) throw new AwsError("NotImplemented", `${what} is not modelled here`, 501);
}
