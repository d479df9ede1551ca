/**
 * Items in DynamoDB's order: partitions by a hash of their key, which looks random from outside, and within one
 * partition by sort key. Tables and indexes both keep their items so.
 */
import { compareText, keyText, orderOf } from "./compare.ts";
import type { KeyAttributes } from "./keys.ts";
import type { AttributeValue, Item } from "./values.ts";

export interface Entry {
  readonly item: Item;
  /** Of the item's primary key; orders the entries of an index that have equal index keys. */
  readonly id: string;
  readonly size: number;
}

export interface OrderedItems {
  insert(entry: Entry): void;
  remove(entry: Entry): void;
  /** The entries of one partition, in order of their sort key. */
  partition(value: AttributeValue): readonly Entry[];
  /** All entries of one of `total` parallel segments, after `start` where it is given. */
  segment(segment: number, total: number, start?: Entry): Iterable<Entry>;
  /** Negative, zero or positive: the order of two entries of one partition. */
  compare(left: Entry, right: Entry): number;
}

interface Partition {
  readonly text: string;
  readonly hash: number;
  readonly entries: Entry[];
}

export function orderedItems(key: KeyAttributes): OrderedItems {
  const partitions = new Map<string, Partition>();
  const order: Partition[] = [];

  const textOf = (item: Item): string => {
    const value = item[key.partition];
    return value === undefined ? "" : keyText(value);
  };

  function compare(left: Entry, right: Entry): number {
    const [a, b] = key.sort === undefined ? [] : [left.item[key.sort], right.item[key.sort]];
    const bySortKey = a === undefined || b === undefined ? 0 : orderOf(a, b);
    return bySortKey === undefined || bySortKey === 0 ? compareText(left.id, right.id) : bySortKey;
  }

  function insert(entry: Entry): void {
    const text = textOf(entry.item);
    const partition = partitions.get(text) ?? opened(text);
    partition.entries.splice(position(partition.entries, entry, compare), 0, entry);
  }

  function opened(text: string): Partition {
    const partition = { text, hash: hashOf(text), entries: [] };
    partitions.set(text, partition);
    order.splice(position(order, partition, comparePartitions), 0, partition);
    return partition;
  }

  function remove(entry: Entry): void {
    const partition = partitions.get(textOf(entry.item));
    if (partition === undefined) return;
    const index = position(partition.entries, entry, compare);
    const found = partition.entries[index];
    if (found !== undefined && compare(found, entry) === 0) partition.entries.splice(index, 1);
    if (partition.entries.length > 0) return;
    partitions.delete(partition.text);
    order.splice(position(order, partition, comparePartitions), 1);
  }

  function* segment(number: number, total: number, start?: Entry): Iterable<Entry> {
    const startText = start === undefined ? undefined : textOf(start.item);
    const from = startText === undefined ? undefined : { text: startText, hash: hashOf(startText), entries: [] };
    for (const partition of order.slice(from === undefined ? 0 : position(order, from, comparePartitions))) {
      if (Math.floor((partition.hash / HASHES) * total) !== number) continue;
      if (start === undefined || partition.text !== startText) yield* partition.entries;
      else yield* partition.entries.filter((entry) => compare(entry, start) > 0);
    }
  }

  return { insert, remove, partition: (value) => partitions.get(keyText(value))?.entries ?? [], segment, compare };
}

/** Where `item` stands or would stand in a sorted list. */
function position<T>(sorted: readonly T[], item: T, compare: (left: T, right: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle];
    if (other !== undefined && compare(other, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const comparePartitions = (left: Partition, right: Partition): number =>
  left.hash - right.hash || compareText(left.text, right.text);

const HASHES = 2 ** 32;

/** FNV-1a with a final mix, so that similar keys land far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
