/** Preconditions and byte ranges, by the rules of HTTP as S3 applies them. */
import { NoSuchKey } from "@aws-sdk/client-s3";
import { AwsError } from "../../aws-error.ts";
import type { StoredObject } from "./buckets.ts";

interface Preconditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

/** IfMatch beats IfUnmodifiedSince, and IfNoneMatch beats IfModifiedSince (API reference, GetObject). */
export function assertReadable(object: StoredObject, { IfMatch, IfNoneMatch, ...since }: Preconditions): void {
  const modified = Math.floor(object.lastModified / 1000);
  const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);
  if (IfMatch !== undefined) {
    if (!matches(object, IfMatch)) throw preconditionFailed("If-Match");
  } else if (since.IfUnmodifiedSince !== undefined && modified > seconds(since.IfUnmodifiedSince))
    throw preconditionFailed("If-Unmodified-Since");
  if (IfNoneMatch !== undefined) {
    if (matches(object, IfNoneMatch)) throw notModified();
  } else if (since.IfModifiedSince !== undefined && modified <= seconds(since.IfModifiedSince)) throw notModified();
}

/** Conditional writes know `If-None-Match: *` and `If-Match` with an ETag. */
export function assertWritable(object: StoredObject | undefined, { IfMatch, IfNoneMatch }: Preconditions): void {
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== "*")
      throw new AwsError("NotImplemented", "A header you provided implies functionality that is not implemented", 501);
    if (object !== undefined) throw preconditionFailed("If-None-Match");
  }
  if (IfMatch === undefined) return;
  if (object === undefined) throw noSuchKey();
  if (!matches(object, IfMatch)) throw preconditionFailed("If-Match");
}

export const noSuchKey = (): NoSuchKey =>
  new NoSuchKey({ message: "The specified key does not exist.", $metadata: {} });

/** For HEAD, whose answer has no body to name the code; the SDK's class does not carry the status. */
export const notFound = (): AwsError => new AwsError("NotFound", "Not Found", 404);

export const preconditionFailed = (header: string): AwsError =>
  new AwsError("PreconditionFailed", `At least one of the pre-conditions you specified did not hold (${header})`, 412);

const notModified = (): AwsError => new AwsError("NotModified", "Not Modified", 304);

const matches = ({ etag }: StoredObject, wanted: string): boolean =>
  wanted === "*" || wanted.replaceAll('"', "") === etag.replaceAll('"', "");

/** `bytes=0-9`, `bytes=10-` or `bytes=-5`; a range that is not understood is passed over, as HTTP wants it. */
export function rangeOf(range: string | undefined, length: number): { start: number; end: number } | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, length - Number(last)) : Number(first);
  const end = first === "" || last === "" ? length - 1 : Math.min(Number(last), length - 1);
  if (start >= length || (first === "" && last === "0"))
    throw new AwsError("InvalidRange", "The requested range is not satisfiable", 416);
  return end < start ? undefined : { start, end };
}
