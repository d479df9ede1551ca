/** Pages of a describe: `MaxRecords` at a time, and an opaque token for the rest. */
import { InvalidNextToken } from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";

export interface PageRequest {
  readonly MaxRecords?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface Page<T> {
  readonly items: T[];
  readonly next: { readonly NextToken?: string };
}

export function page<T>(items: readonly T[], request: PageRequest, limits: { most: number; usual?: number }): Page<T> {
  const size = request.MaxRecords ?? limits.usual ?? limits.most;
  if (size < 1 || size > limits.most) {
    throw new AwsError("ValidationError", `The number of records must be between 1 and ${limits.most}, inclusive`);
  }
  const start = request.NextToken === undefined ? 0 : decode(request.NextToken);
  const end = start + size;
  return { items: items.slice(start, end), next: end < items.length ? { NextToken: encode(end) } : {} };
}

const PREFIX = "page ";

const encode = (start: number): string => Buffer.from(PREFIX + start).toString("base64url");

function decode(token: string): number {
  const text = Buffer.from(token, "base64url").toString();
  const start = text.startsWith(PREFIX) ? Number(text.slice(PREFIX.length)) : Number.NaN;
  if (Number.isInteger(start) && start >= 0) return start;
  throw new InvalidNextToken({ message: "The token is not valid.", $metadata: {} });
}
