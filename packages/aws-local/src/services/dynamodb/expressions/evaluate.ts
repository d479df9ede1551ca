/** Evaluates conditions over one item; pure. */

import { equalValues, orderOf, setMembers } from "../compare.ts";
import { type AttributeValue, bytesAsText, type Item, typeOf } from "../values.ts";
import type { Comparator, Condition, Operand, Path } from "./syntax.ts";

/** An item that does not exist is evaluated as one without attributes. */
export function holds(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case "and":
      return holds(condition.left, item) && holds(condition.right, item);
    case "or":
      return holds(condition.left, item) || holds(condition.right, item);
    case "not":
      return !holds(condition.condition, item);
    case "compare":
      return compares(condition.comparator, operandValue(condition.left, item), operandValue(condition.right, item));
    case "between": {
      const value = operandValue(condition.operand, item);
      return (
        compares(">=", value, operandValue(condition.low, item)) &&
        compares("<=", value, operandValue(condition.high, item))
      );
    }
    case "in": {
      const value = operandValue(condition.operand, item);
      return condition.candidates.some((candidate) => compares("=", value, operandValue(candidate, item)));
    }
    case "attribute_exists":
      return valueAt(item, condition.path) !== undefined;
    case "attribute_not_exists":
      return valueAt(item, condition.path) === undefined;
    case "attribute_type": {
      const value = valueAt(item, condition.path);
      return value !== undefined && typeOf(value) === condition.type;
    }
    case "begins_with":
      return beginsWith(operandValue(condition.operand, item), operandValue(condition.argument, item));
    case "contains":
      return contains(operandValue(condition.operand, item), operandValue(condition.argument, item));
  }
}

/** What stands at a path; undefined where any step of it is missing. */
export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  const [top, ...steps] = path;
  let value = typeof top === "string" && Object.hasOwn(item, top) ? item[top] : undefined;
  for (const step of steps) {
    if (value === undefined) return undefined;
    if (typeof step === "number") value = value.L?.[step];
    else value = value.M !== undefined && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
  }
  return value;
}

function operandValue(operand: Operand, item: Item): AttributeValue | undefined {
  switch (operand.kind) {
    case "value":
      return operand.value;
    case "path":
      return valueAt(item, operand.path);
    case "size": {
      const size = sizeOf(operandValue(operand.of, item));
      return size === undefined ? undefined : { N: String(size) };
    }
  }
}

function sizeOf(value: AttributeValue | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value.M !== undefined) return Object.keys(value.M).length;
  return (value.S ?? value.B ?? value.L ?? setMembers(value))?.length;
}

/** A missing operand compares false, except that it differs from everything. */
function compares(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  const both = left !== undefined && right !== undefined;
  if (comparator === "=") return both && equalValues(left, right);
  if (comparator === "<>") return !(both && equalValues(left, right));
  const order = both ? orderOf(left, right) : undefined;
  if (order === undefined) return false;
  switch (comparator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

function beginsWith(value: AttributeValue | undefined, start: AttributeValue | undefined): boolean {
  if (value?.S !== undefined && start?.S !== undefined) return value.S.startsWith(start.S);
  if (value?.B !== undefined && start?.B !== undefined)
    return Buffer.compare(value.B.subarray(0, start.B.length), start.B) === 0;
  return false;
}

/** A part of a string or of bytes, a member of a set, or an element of a list. */
function contains(value: AttributeValue | undefined, sought: AttributeValue | undefined): boolean {
  if (value === undefined || sought === undefined) return false;
  if (value.L !== undefined) return value.L.some((element) => equalValues(element, sought));
  if (value.S !== undefined) return sought.S !== undefined && value.S.includes(sought.S);
  if (value.B !== undefined) return sought.B !== undefined && Buffer.from(value.B).includes(Buffer.from(sought.B));
  if (value.SS !== undefined) return sought.S !== undefined && value.SS.includes(sought.S);
  if (value.NS !== undefined) return sought.N !== undefined && value.NS.includes(sought.N);
  if (value.BS !== undefined && sought.B !== undefined)
    return setMembers(value)?.includes(bytesAsText(sought.B)) ?? false;
  return false;
}
