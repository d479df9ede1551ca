/** How many bytes DynamoDB counts for an item (Developer Guide, "DynamoDB item sizes and formats"). */
import { numberSize } from "./numbers.ts";
import type { AttributeValue, Item } from "./values.ts";

/** Largest item, names included (limits-and-prices 1.3). */
export const LARGEST_ITEM = 400 * 1024;

export function itemSize(item: Item): number {
  let size = 0;
  for (const name in item) {
    const value = item[name];
    if (value !== undefined) size += textSize(name) + valueSize(value);
  }
  return size;
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return textSize(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.SS !== undefined) return total(value.SS, textSize);
  if (value.NS !== undefined) return total(value.NS, numberSize);
  if (value.BS !== undefined) return total(value.BS, (bytes) => bytes.length);
  // A map or list costs three bytes, and one more for each element.
  if (value.M !== undefined) return 3 + itemSize(value.M) + Object.keys(value.M).length;
  if (value.L !== undefined) return 3 + total(value.L, (element) => 1 + valueSize(element));
  return 1;
}

export const textSize = (text: string): number => Buffer.byteLength(text);

const total = <T>(members: readonly T[], size: (member: T) => number): number =>
  members.reduce((sum, member) => sum + size(member), 0);
