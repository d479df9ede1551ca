/** Key attributes of tables and indexes: reading them out of an item and refusing what cannot be a key. */
import { keyText } from "./compare.ts";
import { invalidParameter, validationException } from "./errors.ts";
import { textSize } from "./sizes.ts";
import { type AttributeValue, canonicalItem, type Item, typeOf, type WireItem } from "./values.ts";

export interface KeyAttributes {
  readonly partition: string;
  readonly sort: string | undefined;
  /** `S`, `N` or `B` of every attribute that is a key of the table or of one of its indexes. */
  readonly types: ReadonlyMap<string, string>;
}

export type Key = Readonly<Record<string, AttributeValue>>;

/** Developer Guide, "Service quotas": sizes of key values in bytes. */
const LONGEST_PARTITION_KEY = 2048;
const LONGEST_SORT_KEY = 1024;

export const keyNames = (key: KeyAttributes): string[] =>
  key.sort === undefined ? [key.partition] : [key.partition, key.sort];

/** The `Key` of a request: exactly the key attributes, of the right types. */
export function requestedKey(key: KeyAttributes, given: WireItem): Key {
  const values = canonicalItem(given);
  const names = keyNames(key);
  const matches = names.every((name) => {
    const value = values[name];
    return value !== undefined && typeOf(value) === key.types.get(name);
  });
  if (!matches || Object.keys(values).length !== names.length)
    throw validationException("The provided key element does not match the schema");
  assertKeyValues(key, values);
  return values;
}

/** The key of a whole item that is to be stored. */
export function keyOfItem(key: KeyAttributes, item: Item): Key {
  const values: Record<string, AttributeValue> = {};
  for (const name of keyNames(key)) {
    const value = item[name];
    if (value === undefined) throw invalidParameter(`Missing the key ${name} in the item`);
    const type = key.types.get(name);
    if (typeOf(value) !== type)
      throw invalidParameter(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
    values[name] = value;
  }
  assertKeyValues(key, values);
  return values;
}

function assertKeyValues(key: KeyAttributes, values: Key): void {
  for (const [name, value] of Object.entries(values)) {
    if (isEmpty(value))
      throw validationException(`One or more parameter values are not valid. ${emptyText(value)} Key: ${name}`);
    const size = keySize(value);
    if (name === key.partition && size > LONGEST_PARTITION_KEY)
      throw invalidParameter(`Size of hashkey has exceeded the maximum size limit of${LONGEST_PARTITION_KEY} bytes`);
    if (name === key.sort && size > LONGEST_SORT_KEY)
      throw invalidParameter(
        `Aggregated size of all range keys has exceeded the size limit of ${LONGEST_SORT_KEY} bytes`,
      );
  }
}

const keySize = (value: AttributeValue): number => value.B?.length ?? textSize(value.S ?? "");

const isEmpty = (value: AttributeValue): boolean => value.S === "" || value.B?.length === 0;

const emptyText = (value: AttributeValue): string =>
  `The AttributeValue for a key attribute cannot contain an empty ${value.S === undefined ? "binary" : "string"} value.`;

/** An item may lack an index's key (the index is sparse), but may not have it empty or of another type. */
export function assertIndexKeys(index: { name: string; key: KeyAttributes }, item: Item, by: "put" | "update"): void {
  for (const name of keyNames(index.key)) {
    const value = item[name];
    if (value === undefined) continue;
    const type = index.key.types.get(name);
    if (typeOf(value) !== type)
      throw invalidParameter(
        `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.name}`,
      );
    if (isEmpty(value))
      throw validationException(
        by === "put"
          ? `One or more parameter values are not valid. A value specified for a secondary index key is not supported. ${emptyText(value)} IndexName: ${index.name}, IndexKey: ${name}`
          : `One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. ${emptyText(value)}`,
      );
  }
}

/** Tells items of one table apart. */
export function keyId(key: KeyAttributes, values: Item): string {
  const [partition, sort] = keyNames(key).map((name) => {
    const value = values[name];
    return value === undefined ? "" : keyText(value);
  });
  return sort === undefined ? `${partition}` : `${partition?.length}:${partition}${sort}`;
}
