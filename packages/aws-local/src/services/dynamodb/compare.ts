/** Equality and order of canonical values. */
import { compareNumbers } from "./numbers.ts";
import { type AttributeValue, bytesAsText, typeOf } from "./values.ts";

/** Deep equality; the order of a set's members does not matter, the order of a list's elements does. */
export function equalValues(left: AttributeValue, right: AttributeValue): boolean {
  if (left.S !== undefined) return left.S === right.S;
  if (left.N !== undefined) return left.N === right.N;
  if (left.BOOL !== undefined) return left.BOOL === right.BOOL;
  if (left.NULL !== undefined) return right.NULL !== undefined;
  if (left.B !== undefined) return right.B !== undefined && Buffer.compare(left.B, right.B) === 0;
  if (left.M !== undefined) return right.M !== undefined && equalItems(left.M, right.M);
  if (left.L !== undefined) return right.L !== undefined && equalLists(left.L, right.L);
  return typeOf(left) === typeOf(right) && equalSets(setMembers(left) ?? [], setMembers(right) ?? []);
}

export function equalItems(
  left: Readonly<Record<string, AttributeValue>>,
  right: Readonly<Record<string, AttributeValue>>,
): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => {
      const [a, b] = [left[name], right[name]];
      return a !== undefined && b !== undefined && equalValues(a, b);
    })
  );
}

function equalLists(left: readonly AttributeValue[], right: readonly AttributeValue[]): boolean {
  return (
    left.length === right.length &&
    left.every((element, index) => {
      const other = right[index];
      return other !== undefined && equalValues(element, other);
    })
  );
}

function equalSets(left: readonly string[], right: readonly string[]): boolean {
  const members = new Set(left);
  return left.length === right.length && right.every((member) => members.has(member));
}

/** The members of a set as text, bytes in base64; undefined for what is no set. */
export const setMembers = (value: AttributeValue): readonly string[] | undefined =>
  value.SS ?? value.NS ?? value.BS?.map(bytesAsText);

/**
 * Negative, zero or positive; undefined where DynamoDB has no order: between types, and for anything that is not a
 * string, a number or bytes. Strings are ordered by their UTF-8 bytes, not by UTF-16 as in JavaScript.
 */
export function orderOf(left: AttributeValue, right: AttributeValue): number | undefined {
  if (left.S !== undefined && right.S !== undefined) return compareText(left.S, right.S);
  if (left.N !== undefined && right.N !== undefined) return compareNumbers(left.N, right.N);
  if (left.B !== undefined && right.B !== undefined) return Buffer.compare(left.B, right.B);
  return undefined;
}

export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  if (hasSurrogates.test(left) || hasSurrogates.test(right))
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return left < right ? -1 : 1;
}

/** Only characters outside the basic plane sort differently in UTF-8 and UTF-16. */
const hasSurrogates = /[\ud800-\udfff]/;

/** The text that identifies a key value: equal for equal values, different between types. */
export const keyText = (value: AttributeValue): string =>
  value.S !== undefined
    ? `S${value.S}`
    : value.N !== undefined
      ? `N${value.N}`
      : `B${bytesAsText(value.B ?? new Uint8Array())}`;
