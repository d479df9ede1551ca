/**
 * EC2's pages. A token names the last item shown, by a number that only grows, so that nothing is skipped when items
 * before it vanish between two pages.
 */
import { AwsError } from "../../aws-error.ts";
import { invalidParameterValue } from "./errors.ts";

export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly NextToken?: string;
}

/** `items` are in the order of `orderOf`. Above `most` AWS answers with `most`; below `least` it refuses. */
export function pageOf<Item>(
  items: readonly Item[],
  orderOf: (item: Item) => number,
  request: PageRequest,
  limits: { readonly least: number; readonly most: number } = { least: 5, most: 1000 },
): Page<Item> {
  const after = request.NextToken === undefined ? -1 : orderIn(request.NextToken);
  const remaining = after < 0 ? items : items.filter((item) => orderOf(item) > after);
  if (request.MaxResults === undefined && request.NextToken === undefined) return { items: remaining };
  const size = pageSize(request.MaxResults, limits);
  const shown = remaining.slice(0, size);
  const last = shown.at(-1);
  if (last === undefined || remaining.length <= size) return { items: shown };
  return { items: shown, NextToken: tokenOf(orderOf(last)) };
}

function pageSize(maxResults: number | undefined, limits: { readonly least: number; readonly most: number }): number {
  if (maxResults === undefined) return limits.most;
  if (maxResults < limits.least) {
    throw invalidParameterValue(
      `Value ( ${maxResults} ) for parameter maxResults is invalid. Expecting a value greater than ${limits.least}.`,
    );
  }
  return Math.min(maxResults, limits.most);
}

const tokenOf = (order: number): string => Buffer.from(`after ${order}`).toString("base64url");

function orderIn(token: string): number {
  const order = /^after (\d+)$/.exec(Buffer.from(token, "base64url").toString())?.[1];
  if (order === undefined) throw new AwsError("InvalidNextToken", "The specified NextToken is not valid.");
  return Number(order);
}
