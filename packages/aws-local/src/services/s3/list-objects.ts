/** ListObjectsV2: keys in the order of their UTF-8 bytes, those beyond a delimiter rolled up into common prefixes. */
import type * as sdk from "@aws-sdk/client-s3";
import { AwsError } from "../../aws-error.ts";
import type { Operations } from "../../service.ts";
import { type Buckets, refuseParameters, type StoredObject } from "./buckets.ts";

const MOST_KEYS = 1000;

export function listOperations(buckets: Buckets) {
  return {
    ListObjectsV2(input) {
      refuseParameters(input, ["OptionalObjectAttributes"]);
      const { Bucket, Prefix = "", Delimiter, StartAfter = "", ContinuationToken: token } = input;
      const most = Math.min(input.MaxKeys ?? MOST_KEYS, MOST_KEYS);
      const after = token === undefined ? StartAfter : keyIn(token);
      const rows = rowsOf([...buckets.find(Bucket).objects.values()], Prefix, Delimiter).filter(
        ({ name }) => compareKeys(name, after) > 0,
      );
      const page = rows.slice(0, most);
      const last = page.at(-1);
      const encode = (text: string) =>
        input.EncodingType === "url" ? encodeURIComponent(text).replaceAll("%2F", "/") : text;
      const Contents = page.flatMap(({ object }) => (object === undefined ? [] : [summary(object, encode)]));
      const CommonPrefixes = page.flatMap(({ name, object }) =>
        object === undefined ? [{ Prefix: encode(name) }] : [],
      );
      return {
        Name: Bucket,
        Prefix: encode(Prefix),
        MaxKeys: most,
        KeyCount: page.length,
        IsTruncated: page.length < rows.length,
        ...(Delimiter === undefined ? {} : { Delimiter: encode(Delimiter) }),
        ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
        ...(input.StartAfter === undefined ? {} : { StartAfter: encode(input.StartAfter) }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
        ...(Contents.length === 0 ? {} : { Contents }),
        ...(CommonPrefixes.length === 0 ? {} : { CommonPrefixes }),
        ...(page.length < rows.length && last !== undefined ? { NextContinuationToken: tokenFor(last.name) } : {}),
      };
    },
  } satisfies Operations<typeof sdk>;
}

/** An object, or a common prefix; both count towards MaxKeys. */
interface Row {
  readonly name: string;
  readonly object: StoredObject | undefined;
}

function rowsOf(objects: readonly StoredObject[], prefix: string, delimiter: string | undefined): Row[] {
  const rows = new Map<string, Row>();
  for (const object of objects) {
    if (!object.key.startsWith(prefix)) continue;
    const end = delimiter === undefined || delimiter === "" ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = end < 0 ? object.key : object.key.slice(0, end + (delimiter?.length ?? 0));
    rows.set(name, { name, object: end < 0 ? object : undefined });
  }
  return [...rows.values()].toSorted((left, right) => compareKeys(left.name, right.name));
}

const compareKeys = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

const summary = ({ key, etag, lastModified, body }: StoredObject, encode: (text: string) => string) => ({
  Key: encode(key),
  ETag: etag,
  LastModified: new Date(lastModified),
  Size: body.length,
  StorageClass: "STANDARD" as const,
  ChecksumAlgorithm: ["CRC32" as const],
});

const tokenFor = (name: string): string => Buffer.from(name).toString("base64");

function keyIn(token: string): string {
  const key = Buffer.from(token, "base64").toString();
  if (tokenFor(key) !== token) throw new AwsError("InvalidArgument", "The continuation token provided is incorrect");
  return key;
}
