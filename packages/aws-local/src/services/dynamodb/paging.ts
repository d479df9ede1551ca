/** ExclusiveStartKey: the keys of the table and of the index being read, and nothing else. */
import { validationException } from "./errors.ts";
import { keyId, keyNames } from "./keys.ts";
import type { Entry } from "./ordered-items.ts";
import type { Source } from "./query-operations.ts";
import { canonicalItem, typeOf, type WireItem } from "./values.ts";

export function startEntry({ table, key }: Source, given: WireItem | undefined): Entry | undefined {
  if (given === undefined) return undefined;
  const item = canonicalItem(given);
  const names = new Set([...keyNames(table.key), ...keyNames(key)]);
  const fits = [...names].every((name) => {
    const value = item[name];
    return value !== undefined && typeOf(value) === table.key.types.get(name);
  });
  if (!fits || Object.keys(item).length !== names.size)
    throw validationException(
      "The provided starting key is invalid: The provided key element does not match the schema",
    );
  return { item, id: keyId(table.key, item), size: 0 };
}
