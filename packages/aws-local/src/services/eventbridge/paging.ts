/**
 * One page of a list. The token names the last item shown, so that nothing is skipped or repeated when others come or
 * go between two pages; should that very item be gone, its place is taken up instead.
 */
import { AwsError } from "../../aws-error.ts";

export interface Page<T> {
  readonly items: T[];
  readonly nextToken: string | undefined;
}

export function page<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  size: number,
  token: string | undefined,
): Page<T> {
  const start = token === undefined ? 0 : startAfter(all.map(keyOf), token);
  const items = all.slice(start, start + size);
  const last = items.at(-1);
  const isWhole = last === undefined || start + size >= all.length;
  return { items, nextToken: isWhole ? undefined : encoded(`${start + size} ${keyOf(last)}`) };
}

function startAfter(keys: readonly string[], token: string): number {
  const [, place, key = ""] = /^(\d+) (.*)$/s.exec(Buffer.from(token, "base64url").toString()) ?? [];
  if (place === undefined) throw new AwsError("InvalidNextToken", "The specified NextToken is not valid.");
  const at = keys.indexOf(key);
  return at < 0 ? Number(place) : at + 1;
}

const encoded = (text: string): string => Buffer.from(text).toString("base64url");
