/** One table: its items, the indexes that follow them, and the settings that DescribeTable shows. */
import type { SecondaryIndex } from "./indexes.ts";
import { type KeyAttributes, keyId } from "./keys.ts";
import { type Entry, type OrderedItems, orderedItems } from "./ordered-items.ts";
import { itemSize } from "./sizes.ts";
import type { Item } from "./values.ts";

export interface Table {
  readonly name: string;
  readonly key: KeyAttributes;
  readonly items: OrderedItems;
  readonly indexes: Map<string, SecondaryIndex>;
  find(id: string): Entry | undefined;
  /** Stores `item`, or removes what stands at `id` when it is undefined. */
  replace(id: string, item: Item | undefined): void;
  count(): number;
  size(): number;
}

export function createTable(name: string, key: KeyAttributes): Table {
  const items = orderedItems(key);
  const byId = new Map<string, Entry>();
  const indexes = new Map<string, SecondaryIndex>();
  let size = 0;

  function replace(id: string, item: Item | undefined): void {
    const before = byId.get(id);
    const after = item === undefined ? undefined : { item, id, size: itemSize(item) };
    if (before !== undefined) items.remove(before);
    if (after !== undefined) {
      items.insert(after);
      byId.set(id, after);
    } else byId.delete(id);
    size += (after?.size ?? 0) - (before?.size ?? 0);
    for (const index of indexes.values()) index.follow(before, after);
  }

  return { name, key, items, indexes, find: (id) => byId.get(id), replace, count: () => byId.size, size: () => size };
}

export const entryFor = (table: Table, item: Item): Entry => ({
  item,
  id: keyId(table.key, item),
  size: itemSize(item),
});
