/**
 * Items and their values. What comes in is checked and brought into one canonical form (numbers, copies of bytes);
 * after that, values are never changed in place, so tables, indexes and answers may share them.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { invalidParameter, validationException } from "./errors.ts";
import { canonicalNumber } from "./numbers.ts";

export type { AttributeValue };
export type Item = Readonly<Record<string, AttributeValue>>;
export type ValueType = "S" | "N" | "B" | "SS" | "NS" | "BS" | "M" | "L" | "NULL" | "BOOL";

/** A value as it comes off the wire: any number of members may be set, and numbers are spelled freely. */
interface WireValue {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly B?: Uint8Array | undefined;
  readonly SS?: readonly string[] | undefined;
  readonly NS?: readonly string[] | undefined;
  readonly BS?: readonly Uint8Array[] | undefined;
  readonly M?: Readonly<Record<string, WireValue>> | undefined;
  readonly L?: readonly WireValue[] | undefined;
  readonly NULL?: boolean | undefined;
  readonly BOOL?: boolean | undefined;
}
export type WireItem = Readonly<Record<string, WireValue>>;

/** Developer Guide, "Service quotas: nested attribute depth". */
const DEEPEST_NESTING = 32;

export function canonicalItem(item: WireItem, depth = 0): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, canonicalValue(value, depth)]));
}

function canonicalValue(value: WireValue, depth = 0): AttributeValue {
  if (depth > DEEPEST_NESTING) throw validationException("Nesting Levels have exceeded supported limits");
  if (Object.values(value).filter((member) => member !== undefined).length > 1)
    throw validationException(
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    );
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: canonicalNumber(value.N) };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.M !== undefined) return { M: canonicalItem(value.M, depth + 1) };
  if (value.L !== undefined) return { L: value.L.map((element) => canonicalValue(element, depth + 1)) };
  if (value.NULL !== undefined) return canonicalNull(value.NULL);
  if (value.B !== undefined) return { B: new Uint8Array(value.B) };
  if (value.SS !== undefined) return { SS: distinct(value.SS, (text) => text, "string") };
  if (value.NS !== undefined) return { NS: distinct(value.NS.map(canonicalNumber), (text) => text, "number") };
  if (value.BS !== undefined)
    return {
      BS: distinct(
        value.BS.map((bytes) => new Uint8Array(bytes)),
        bytesAsText,
        "binary",
      ),
    };
  throw validationException("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
}

function canonicalNull(value: boolean): AttributeValue {
  if (!value) throw invalidParameter("Null attribute value types must have the value of true");
  return { NULL: true };
}

/** DynamoDB neither keeps an empty set nor a member twice. */
function distinct<T>(members: readonly T[], identity: (member: T) => string, kind: string): T[] {
  if (members.length === 0) throw invalidParameter(`An ${kind} set  may not be empty`);
  if (new Set(members.map(identity)).size < members.length) {
    const listed = kind === "string" ? ` [${members.join(", ")}]` : "";
    throw invalidParameter(`Input collection${listed} contains duplicates.`);
  }
  return [...members];
}

export function typeOf(value: AttributeValue): ValueType {
  if (value.S !== undefined) return "S";
  if (value.N !== undefined) return "N";
  if (value.M !== undefined) return "M";
  if (value.L !== undefined) return "L";
  if (value.BOOL !== undefined) return "BOOL";
  if (value.NULL !== undefined) return "NULL";
  if (value.B !== undefined) return "B";
  if (value.SS !== undefined) return "SS";
  return value.NS !== undefined ? "NS" : "BS";
}

export const bytesAsText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
