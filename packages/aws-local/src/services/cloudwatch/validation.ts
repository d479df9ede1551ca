import { AwsError } from "../../aws-error.ts";

export const validationError = (message: string): AwsError => new AwsError("ValidationError", message);

export function notModelled(what: string, value: unknown): void {
  if (value !== undefined) throw new AwsError("NotImplemented", `${what} is not modelled here`, 501);
}
