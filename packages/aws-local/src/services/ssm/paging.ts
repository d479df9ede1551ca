/** Pages of a list. The token names the last item of the page before, so that new items in front shift nothing. */
import { InvalidNextToken } from "@aws-sdk/client-ssm";

export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** To be spread into the answer: absent on the last page. */
  readonly next: { readonly NextToken?: string };
}

export function page<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  request: PageRequest,
  defaultSize: number,
): Page<Item> {
  const start = request.NextToken === undefined ? 0 : indexAfter(items, keyOf, request.NextToken);
  const end = start + (request.MaxResults ?? defaultSize);
  const shown = items.slice(start, end);
  const last = shown.at(-1);
  const more = end < items.length && last !== undefined;
  return { items: shown, next: more ? { NextToken: encode(keyOf(last)) } : {} };
}

function indexAfter<Item>(items: readonly Item[], keyOf: (item: Item) => string, token: string): number {
  const key = Buffer.from(token, "base64url").toString("utf8");
  const index = items.findIndex((item) => keyOf(item) === key);
  if (index < 0) throw new InvalidNextToken({ message: "The specified token isn't valid.", $metadata: {} });
  return index + 1;
}

const encode = (key: string): string => Buffer.from(key, "utf8").toString("base64url");
