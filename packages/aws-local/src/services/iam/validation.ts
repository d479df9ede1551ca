import { AwsError } from "../../aws-error.ts";

export function notModelled(what: string, value: unknown): void {
  if (value !== undefined) throw new AwsError("NotImplemented", `${what} is not modelled here`, 501);
}
