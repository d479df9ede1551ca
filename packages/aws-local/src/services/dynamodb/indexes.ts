/**
 * Global secondary indexes. An index holds a projection of each item that has the index's keys, and follows the
 * table a moment later: reads of an index are only ever eventually consistent.
 */
import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { Range } from "../../region.ts";
import { equalItems } from "./compare.ts";
import { type KeyAttributes, keyNames } from "./keys.ts";
import { type Entry, type OrderedItems, orderedItems } from "./ordered-items.ts";
import { itemSize } from "./sizes.ts";
import { type Item, typeOf } from "./values.ts";

export interface IndexDefinition {
  readonly name: string;
  readonly key: KeyAttributes;
  readonly projection: "ALL" | "KEYS_ONLY" | "INCLUDE";
  /** The attributes that are there besides all keys, with INCLUDE. */
  readonly included: readonly string[];
}

export interface SecondaryIndex extends IndexDefinition {
  readonly items: OrderedItems;
  /** What the index shows of an item; undefined when it leaves the item out. */
  entryOf(source: Entry): Entry | undefined;
  /** Write units that the change of one item costs in this index. */
  unitsFor(before: Entry | undefined, after: Entry | undefined): number;
  follow(before: Entry | undefined, after: Entry | undefined): void;
  /** Takes an item in that was there before the index; one whose key has the wrong type stays out. */
  backfill(source: Entry): void;
  projects(attribute: string): boolean;
}

export function secondaryIndex(
  definition: IndexDefinition,
  tableKey: KeyAttributes,
  lag: { clock: Clock; random: Random; delay: Range },
): SecondaryIndex {
  const items = orderedItems(definition.key);
  const projectedNames = new Set([...keyNames(definition.key), ...keyNames(tableKey), ...definition.included]);
  /** Changes arrive in the order in which they were made. */
  let lastArrival = 0;

  function entryOf(source: Entry): Entry | undefined {
    if (keyNames(definition.key).some((name) => source.item[name] === undefined)) return undefined;
    if (definition.projection === "ALL") return source;
    const item: Item = Object.fromEntries(Object.entries(source.item).filter(([name]) => projectedNames.has(name)));
    return { item, id: source.id, size: itemSize(item) };
  }

  const entries = (before: Entry | undefined, after: Entry | undefined): [Entry | undefined, Entry | undefined] => [
    before === undefined ? undefined : entryOf(before),
    after === undefined ? undefined : entryOf(after),
  ];

  /** A changed index key costs two writes, an unchanged projection none (Developer Guide, "Write capacity for indexes"). */
  function unitsFor(before: Entry | undefined, after: Entry | undefined): number {
    const [old, fresh] = entries(before, after);
    if (old === undefined || fresh === undefined) return writeUnits((old ?? fresh)?.size);
    if (equalItems(old.item, fresh.item)) return 0;
    const moved = !equalItems(only(old.item), only(fresh.item));
    return moved ? writeUnits(old.size) + writeUnits(fresh.size) : writeUnits(Math.max(old.size, fresh.size));
  }

  const only = (item: Item): Item =>
    Object.fromEntries(Object.entries(item).filter(([name]) => keyNames(definition.key).includes(name)));

  function follow(before: Entry | undefined, after: Entry | undefined): void {
    const [old, fresh] = entries(before, after);
    const apply = (): void => {
      if (old !== undefined) items.remove(old);
      if (fresh !== undefined) items.insert(fresh);
    };
    const { clock, random, delay } = lag;
    lastArrival = Math.max(lastArrival, clock.now() + random.integer(delay.low, delay.high));
    if (lastArrival <= clock.now()) apply();
    else clock.after(lastArrival - clock.now(), apply);
  }

  function backfill(source: Entry): void {
    const entry = entryOf(source);
    if (entry === undefined) return;
    const fits = keyNames(definition.key).every((name) => {
      const value = entry.item[name];
      return value !== undefined && typeOf(value) === definition.key.types.get(name) && value.S !== "";
    });
    if (fits) items.insert(entry);
  }

  const projects = (attribute: string): boolean => definition.projection === "ALL" || projectedNames.has(attribute);

  return { ...definition, items, entryOf, unitsFor, follow, backfill, projects };
}

const writeUnits = (size: number | undefined): number => (size === undefined ? 0 : Math.max(1, Math.ceil(size / 1024)));
