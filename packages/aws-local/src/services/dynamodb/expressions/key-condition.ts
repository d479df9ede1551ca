/** A key condition: one partition key value, and at most one comparison of the sort key. */

import { compareText } from "../compare.ts";
import { validationException } from "../errors.ts";
import type { KeyAttributes } from "../keys.ts";
import { type AttributeValue, typeOf } from "../values.ts";
import { parseCondition } from "./parse.ts";
import type { Placeholders } from "./placeholders.ts";
import type { Condition, Operand } from "./syntax.ts";
import { invalidExpression } from "./tokens.ts";

interface KeyCondition {
  readonly partition: AttributeValue;
  /** To be evaluated over the item, of which it reads the sort key only. */
  readonly sort: Condition | undefined;
}

export function parseKeyCondition(text: string, key: KeyAttributes, placeholders: Placeholders): KeyCondition {
  const parts = flattened(parseCondition(text, "KeyConditionExpression", placeholders)).map(named);
  const byName = Map.groupBy(parts, ({ name }) => name);
  if ([...byName.values()].some((conditions) => conditions.length > 1))
    throw invalidExpression(
      "KeyConditionExpression",
      "KeyConditionExpressions must only contain one condition per key",
    );
  const partition = byName.get(key.partition)?.[0];
  const sort = key.sort === undefined ? undefined : byName.get(key.sort)?.[0];
  if (partition === undefined) throw validationException(`Query condition missed key schema element: ${key.partition}`);
  const unknown = [...byName.keys()].toSorted(compareText).find((name) => name !== key.partition && name !== key.sort);
  if (unknown !== undefined && key.sort !== undefined && sort === undefined)
    throw validationException(`Query condition missed key schema element: ${key.sort}`);
  const value = partition.operands[0];
  if (unknown !== undefined || partition.condition.kind !== "compare" || partition.condition.comparator !== "=")
    throw validationException("Query key condition not supported");
  for (const { name, operands } of [partition, ...(sort === undefined ? [] : [sort])])
    for (const operand of operands) assertKeyValue(name, operand, key);
  if (value === undefined) throw validationException("Query key condition not supported");
  return { partition: value, sort: sort?.condition };
}

function flattened(condition: Condition): Condition[] {
  if (condition.kind === "and") return [...flattened(condition.left), ...flattened(condition.right)];
  const refused = { or: "OR", not: "NOT", in: "IN", contains: "contains" } as const;
  switch (condition.kind) {
    case "or":
    case "not":
    case "in":
      throw invalidExpression(
        "KeyConditionExpression",
        `Invalid operator used in KeyConditionExpression: ${refused[condition.kind]}`,
      );
    case "compare":
      if (condition.comparator === "<>")
        throw invalidExpression("KeyConditionExpression", "Invalid operator used in KeyConditionExpression: <>");
      return [condition];
    case "between":
    case "begins_with":
      return [condition];
    default:
      throw invalidExpression(
        "KeyConditionExpression",
        `Invalid operator used in KeyConditionExpression: ${condition.kind}`,
      );
  }
}

interface NamedCondition {
  readonly name: string;
  readonly condition: Condition;
  readonly operands: readonly AttributeValue[];
}

function named(condition: Condition): NamedCondition {
  switch (condition.kind) {
    case "compare":
      return condition.left.kind === "value"
        ? namedBy(mirrored(condition), condition.right, [condition.left])
        : namedBy(condition, condition.left, [condition.right]);
    case "between":
      return namedBy(condition, condition.operand, [condition.low, condition.high]);
    case "begins_with":
      return namedBy(condition, condition.operand, [condition.argument]);
    default:
      throw validationException("Query key condition not supported");
  }
}

/** `:low < at` says the same as `at > :low`. */
function mirrored(condition: Extract<Condition, { kind: "compare" }>): Condition {
  const comparator = ({ "<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>" } as const)[
    condition.comparator
  ];
  return { kind: "compare", comparator, left: condition.right, right: condition.left };
}

function namedBy(condition: Condition, key: Operand, operands: readonly Operand[]): NamedCondition {
  const name = key.kind === "path" && key.path.length === 1 ? key.path[0] : undefined;
  if (typeof name !== "string")
    throw invalidExpression(
      "KeyConditionExpression",
      "KeyConditionExpressions cannot have conditions on nested attributes",
    );
  const values = operands.map((operand) => {
    if (operand.kind !== "value")
      throw invalidExpression(
        "KeyConditionExpression",
        "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
      );
    return operand.value;
  });
  return { name, condition, operands: values };
}

function assertKeyValue(name: string, value: AttributeValue, key: KeyAttributes): void {
  if (key.types.get(name) !== typeOf(value))
    throw validationException(
      "One or more parameter values were invalid: Condition parameter type does not match schema type",
    );
  if (value.S === "")
    throw validationException(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
    );
}
