/** Pages of 20 to 100 records. A marker names the last record shown, by a number that only grows along the list. */
import { invalidValue } from "./errors.ts";

const LEAST = 20;
const MOST = 100;

export function pageOf<Record extends { readonly order: number }>(
  records: readonly Record[],
  request: { readonly Marker?: string | undefined; readonly MaxRecords?: number | undefined },
): { readonly records: readonly Record[]; readonly Marker?: string } {
  const size = request.MaxRecords ?? MOST;
  if (size < LEAST || size > MOST) {
    throw invalidValue(`The value ${size} of MaxRecords must be between ${LEAST} and ${MOST}.`);
  }
  const after = request.Marker === undefined ? Number.NEGATIVE_INFINITY : orderIn(request.Marker);
  const remaining = records.filter(({ order }) => order > after);
  const shown = remaining.slice(0, size);
  const last = shown.at(-1);
  if (last === undefined || remaining.length <= size) return { records: shown };
  return { records: shown, Marker: Buffer.from(`after ${last.order}`).toString("base64url") };
}

function orderIn(marker: string): number {
  const order = /^after (-?\d+)$/.exec(Buffer.from(marker, "base64url").toString())?.[1];
  if (order === undefined) throw invalidValue("The marker is invalid.");
  return Number(order);
}
