/**
 * What a value of a shape must be like. Worked out once for each operation, part by part as values need it: a shape may
 * contain itself, and asking the SDK's schemas at every call takes longer than the call.
 */
import type { Constraint, Constraints } from "./constraints.ts";
import { requiredMembers, type Shape } from "./schema.ts";

export interface Rules {
  /** Undefined where anything will do. */
  readonly type: ExpectedType | undefined;
  readonly constraint: Constraint | undefined;
  /** Its value is never repeated in a message. */
  readonly sensitive: boolean;
  /** Members of a structure. */
  readonly required: readonly string[];
  readonly parts: () => Parts;
}

interface ExpectedType {
  readonly name: string;
  holds(value: unknown): boolean;
}

/** The values that a value is made of. */
type Parts =
  | { readonly kind: "none" }
  | { readonly kind: "list"; readonly item: Rules }
  | { readonly kind: "map"; readonly key: Rules; readonly value: Rules }
  | { readonly kind: "structure"; readonly members: ReadonlyMap<string, Rules> };

export function rulesOf(input: Shape, operation: string, constraints: Constraints): Rules {
  const known = rulesByConstraints.get(constraints) ?? new WeakMap<Shape, Rules>();
  rulesByConstraints.set(constraints, known);
  const rules = known.get(input) ?? compiled(input, constraints.ofOperation(operation), constraints);
  known.set(input, rules);
  return rules;
}

const rulesByConstraints = new WeakMap<Constraints, WeakMap<Shape, Rules>>();

function compiled(shape: Shape, constraint: Constraint | undefined, constraints: Constraints): Rules {
  let parts: Parts | undefined;
  return {
    type: expectedType(shape),
    constraint,
    sensitive: Boolean(shape.getMergedTraits().sensitive),
    required: shape.isStructSchema() ? requiredMembers(shape) : [],
    parts() {
      parts ??= partsOf(shape, constraint, constraints);
      return parts;
    },
  };
}

function partsOf(shape: Shape, constraint: Constraint | undefined, constraints: Constraints): Parts {
  const part = (of: Shape, name: string | undefined): Rules => compiled(of, constraints.shape(name), constraints);
  if (shape.isListSchema()) return { kind: "list", item: part(shape.getValueSchema(), constraint?.item) };
  if (shape.isMapSchema()) {
    const key = part(shape.getKeySchema(), constraint?.key);
    return { kind: "map", key, value: part(shape.getValueSchema(), constraint?.value) };
  }
  if (!shape.isStructSchema()) return { kind: "none" };
  const members = [...shape.structIterator()].map(
    ([name, member]) => [name, part(member, constraint?.members?.[name])] as const,
  );
  return { kind: "structure", members: new Map(members) };
}

function expectedType(shape: Shape): ExpectedType | undefined {
  if (shape.isDocumentSchema() || shape.isStreaming()) return undefined;
  if (shape.isStringSchema()) return { name: "a String", holds: isText };
  if (shape.isBooleanSchema()) return { name: "a Boolean", holds: (value) => typeof value === "boolean" };
  if (shape.isNumericSchema()) return { name: "a Number", holds: isNumber };
  if (shape.isTimestampSchema()) return { name: "a Date", holds: (value) => value instanceof Date };
  if (shape.isListSchema()) return { name: "a List", holds: Array.isArray };
  if (shape.isMapSchema() || shape.isStructSchema()) return { name: "an Object", holds: isObject };
  return undefined;
}

/** Members with a media type arrive as the SDK's lazy JSON string, which is a `String`. */
const isText = (value: unknown): boolean => typeof value === "string" || value instanceof String;

/** What query could not read as a number is `NaN` here. */
const isNumber = (value: unknown): boolean => typeof value === "number" && !Number.isNaN(value);

const isObject = (value: unknown): boolean => typeof value === "object" && !Array.isArray(value);
