/** Every document path that a condition reads. */
import type { Condition, Operand, Path } from "./syntax.ts";

export function pathsOf(condition: Condition): Path[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return [...pathsOf(condition.left), ...pathsOf(condition.right)];
    case "not":
      return pathsOf(condition.condition);
    case "compare":
      return [condition.left, condition.right].flatMap(pathsOfOperand);
    case "between":
      return [condition.operand, condition.low, condition.high].flatMap(pathsOfOperand);
    case "in":
      return [condition.operand, ...condition.candidates].flatMap(pathsOfOperand);
    case "begins_with":
    case "contains":
      return [condition.operand, condition.argument].flatMap(pathsOfOperand);
    default:
      return [condition.path];
  }
}

function pathsOfOperand(operand: Operand): Path[] {
  if (operand.kind === "path") return [operand.path];
  return operand.kind === "size" ? pathsOfOperand(operand.of) : [];
}
