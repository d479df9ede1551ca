/** IAM pages with a marker; a page holds 100 items unless told otherwise. */
import { page } from "../eventbridge/paging.ts";

export function marked<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  { Marker, MaxItems }: { Marker?: string | undefined; MaxItems?: number | undefined },
): { items: T[]; IsTruncated: boolean; Marker?: string } {
  const { items, nextToken } = page(all, keyOf, MaxItems ?? 100, Marker);
  return nextToken === undefined ? { items, IsTruncated: false } : { items, IsTruncated: true, Marker: nextToken };
}
