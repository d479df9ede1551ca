/**
 * Reads the text of an event pattern into branches of field rules, and refuses what EventBridge refuses, in its words
 * (those of the Event Ruler's compiler). What one match expression accepts is in `match-expressions.ts`.
 */

import type { ValueTest } from "./match-expressions.ts";
import { InvalidPattern, isObject, readMatchExpression } from "./match-expressions.ts";

export { InvalidPattern } from "./match-expressions.ts";

export type Leaf = string | number | boolean | null;

/** One field of a pattern: the event has to have a leaf at this path that one of the tests accepts. */
export interface FieldRule {
  readonly path: string;
  readonly tests: readonly ValueTest[];
  /** `{"exists": false}` is among the alternatives. */
  readonly absent: boolean;
}

/** Field rules that must all hold, ordered by path as the Event Ruler does. `$or` makes several branches. */
export type Branch = readonly FieldRule[];

/** Documented limit of the combinations that `$or` may multiply to (EventBridge guide, "Considerations for $or"). */
const mostBranches = 1000;

export function readPattern(text: string): readonly Branch[] {
  const pattern = parse(text);
  if (!isObject(pattern) || Array.isArray(pattern)) throw new InvalidPattern("Filter is not an object");
  return readObject(pattern, "", [new Map()], false).map((fields) =>
    [...fields.values()].sort((one, other) => (one.path < other.path ? -1 : 1)),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidPattern("Event pattern is not valid JSON");
  }
}

type Fields = ReadonlyMap<string, FieldRule>;

function readObject(object: object, prefix: string, branches: readonly Fields[], insideOr: boolean): readonly Fields[] {
  const members = Object.entries(object);
  if (members.length === 0) throw new InvalidPattern("Empty objects are not allowed");
  return members.reduce((so, [name, value]) => readMember(name, value, prefix, so, insideOr), branches);
}

function readMember(
  name: string,
  value: unknown,
  prefix: string,
  branches: readonly Fields[],
  insideOr: boolean,
): readonly Fields[] {
  if (name === "$or") return readOr(value, prefix, branches);
  if (insideOr && reservedInsideOr.has(name))
    throw new InvalidPattern(`${name} is Ruler reserved fieldName which cannot be used inside $or.`);
  const path = prefix + name;
  if (Array.isArray(value)) {
    const field = readField(path, value);
    return branches.map((branch) => new Map([...branch, [path, field]]));
  }
  if (isObject(value)) return readObject(value, `${path}.`, branches, insideOr);
  throw new InvalidPattern(`"${name}" must be an object or an array`);
}

function readOr(value: unknown, prefix: string, branches: readonly Fields[]): readonly Fields[] {
  if (!Array.isArray(value)) throw new InvalidPattern("It must be an Array followed with $or.");
  const alternatives = value.flatMap((alternative: unknown) => {
    if (!isObject(alternative) || Array.isArray(alternative))
      throw new InvalidPattern("Only JSON object is allowed in array of $or relationship.");
    return readObject(alternative, prefix, branches, true);
  });
  if (value.length < 2) throw new InvalidPattern("There must have at least 2 Objects in $or relationship.");
  if (alternatives.length > mostBranches) throw new InvalidPattern("Rule is too complex - try using fewer $or");
  return alternatives;
}

function readField(path: string, alternatives: readonly unknown[]): FieldRule {
  if (alternatives.length === 0) throw new InvalidPattern("Empty arrays are not allowed");
  const read = alternatives.map(readMatchExpression);
  return {
    path,
    tests: read.filter((test) => test !== "absent"),
    absent: read.includes("absent"),
  };
}

/** Names that would be taken for match expressions, or may become such. */
const reservedInsideOr: ReadonlySet<string> = new Set([
  ...["exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr"],
  ...["=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case"],
  ...["date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"],
  ...["ip-address-in-range", "ip-address-not-in-range"],
]);
