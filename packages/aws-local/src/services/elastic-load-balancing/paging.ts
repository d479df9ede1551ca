/** Markers: a marker names the last item shown, by a number that only grows. */
import { requireRange, validationError } from "./errors.ts";

const MOST = 400;

export function pageOf<Item extends { readonly order: number }>(
  items: readonly Item[],
  request: { readonly Marker?: string | undefined; readonly PageSize?: number | undefined },
): { readonly items: readonly Item[]; readonly NextMarker?: string } {
  const size = request.PageSize ?? MOST;
  requireRange(size, "pageSize", 1, MOST);
  const after = request.Marker === undefined ? -1 : orderIn(request.Marker);
  const remaining = items.filter((item) => item.order > after);
  const shown = remaining.slice(0, size);
  const last = shown.at(-1);
  if (last === undefined || remaining.length <= size) return { items: shown };
  return { items: shown, NextMarker: Buffer.from(`after ${last.order}`).toString("base64url") };
}

function orderIn(marker: string): number {
  const order = /^after (\d+)$/.exec(Buffer.from(marker, "base64url").toString())?.[1];
  if (order === undefined) throw validationError("Invalid Marker");
  return Number(order);
}
