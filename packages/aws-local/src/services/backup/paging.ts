/** Pages of up to 1,000 records where so many are asked for, the newest first. A token names the last record shown. */
import { invalidValue } from "./errors.ts";

/** What AWS takes when nobody says is not documented. */
const USUAL = 100;

export function pageOf<Item extends { readonly order: number }>(
  items: Iterable<Item>,
  request: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
): { readonly items: readonly Item[]; readonly NextToken?: string } {
  const before = request.NextToken === undefined ? Number.POSITIVE_INFINITY : orderIn(request.NextToken);
  const remaining = [...items].filter(({ order }) => order < before).sort((one, other) => other.order - one.order);
  const shown = remaining.slice(0, request.MaxResults ?? USUAL);
  const last = shown.at(-1);
  if (last === undefined || remaining.length === shown.length) return { items: shown };
  return { items: shown, NextToken: Buffer.from(`before ${last.order}`).toString("base64url") };
}

function orderIn(token: string): number {
  const order = /^before (\d+)$/.exec(Buffer.from(token, "base64url").toString())?.[1];
  if (order === undefined) throw invalidValue("The value of NextToken is invalid.");
  return Number(order);
}
