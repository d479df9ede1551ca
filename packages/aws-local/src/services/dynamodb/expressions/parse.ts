/**
 * Parses conditions, filters and key conditions by recursive descent:
 *
 *     condition := and ( OR and )*        not     := NOT not | primary
 *     and       := not ( AND not )*       primary := ( condition ) | function | comparison
 */
import { orderOf } from "../compare.ts";
import { type AttributeValue, typeOf, type ValueType } from "../values.ts";
import type { Placeholders } from "./placeholders.ts";
import { type Reader, readerOf } from "./reader.ts";
import { type Comparator, type Condition, type Operand, type Path, pathText, samePath } from "./syntax.ts";
import type { ExpressionName } from "./tokens.ts";

export function parseCondition(
  text: string,
  expression: Exclude<ExpressionName, "UpdateExpression" | "ProjectionExpression">,
  placeholders: Placeholders,
): Condition {
  const reader = readerOf(text, expression, placeholders);
  const condition = parseOr(reader);
  reader.finish();
  return condition;
}

function parseOr(reader: Reader): Condition {
  let left = parseAnd(reader);
  while (reader.cursor.takeIf("OR")) left = { kind: "or", left, right: parseAnd(reader) };
  return left;
}

function parseAnd(reader: Reader): Condition {
  let left = parseNot(reader);
  while (reader.cursor.takeIf("AND")) left = { kind: "and", left, right: parseNot(reader) };
  return left;
}

function parseNot(reader: Reader): Condition {
  return reader.cursor.takeIf("NOT") ? { kind: "not", condition: parseNot(reader) } : parsePrimary(reader);
}

function parsePrimary(reader: Reader): Condition {
  const { cursor } = reader;
  if (cursor.takeIf("(")) return parseParenthesised(reader);
  const isFunction = cursor.peek().kind === "word" && cursor.peek(1).text === "(";
  if (isFunction && cursor.peek().text !== "size") return parseFunction(reader);
  return parseComparison(reader);
}

function parseParenthesised(reader: Reader): Condition {
  const condition = parseOr(reader);
  reader.cursor.expect(")");
  if (parenthesised.has(condition)) reader.note("The expression has redundant parentheses;");
  parenthesised.add(condition);
  return condition;
}

/** Conditions that stood in parentheses: DynamoDB refuses a second pair around one. */
const parenthesised = new WeakSet<Condition>();

function parseComparison(reader: Reader): Condition {
  const { cursor } = reader;
  const operand = parseOperand(reader);
  if (cursor.takeIf("BETWEEN")) {
    const low = parseOperand(reader);
    cursor.expect("AND");
    return between(reader, operand, low, parseOperand(reader));
  }
  if (cursor.takeIf("IN")) return { kind: "in", operand, candidates: parseArguments(reader) };
  const comparator = cursor.peek().text;
  if (!isComparator(comparator)) return cursor.syntaxError();
  cursor.take();
  return comparison(reader, comparator, operand, parseOperand(reader));
}

const isComparator = (text: string): text is Comparator => ["=", "<>", "<", "<=", ">", ">="].includes(text);

function comparison(reader: Reader, comparator: Comparator, left: Operand, right: Operand): Condition {
  if (left.kind === "path" && right.kind === "path" && samePath(left.path, right.path))
    reader.note(
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${comparator}, first operand: ${pathText(left.path)}`,
    );
  if (comparator !== "=" && comparator !== "<>")
    for (const operand of [left, right]) assertOrdered(reader, comparator, operand);
  return { kind: "compare", comparator, left, right };
}

function between(reader: Reader, operand: Operand, low: Operand, high: Operand): Condition {
  for (const bound of [low, high]) assertOrdered(reader, "BETWEEN", bound);
  if (low.kind === "value" && high.kind === "value") {
    const bounds = `lower bound operand: AttributeValue: ${valueText(low.value)}, upper bound operand: AttributeValue: ${valueText(high.value)}`;
    const order = orderOf(low.value, high.value);
    if (order === undefined)
      reader.note(`The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
    else if (order > 0)
      reader.note(`The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`);
  }
  return { kind: "between", operand, low, high };
}

const valueText = (value: AttributeValue): string => `{${typeOf(value)}:${value.S ?? value.N ?? ""}}`;

function assertOrdered(reader: Reader, operator: string, operand: Operand): void {
  if (operand.kind === "value" && !["S", "N", "B"].includes(typeOf(operand.value)))
    noteOperandType(reader, operator, operand.value);
}

function noteOperandType(reader: Reader, operator: string, value: AttributeValue): void {
  reader.note(
    `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${typeOf(value)}`,
  );
}

function parseOperand(reader: Reader): Operand {
  const { cursor } = reader;
  const next = cursor.peek();
  if (next.kind === "value") return { kind: "value", value: reader.value() };
  if (next.kind === "word" && cursor.peek(1).text === "(") {
    if (next.text !== "size") {
      reader.note(
        isFunctionName(next.text)
          ? `The function is not allowed to be used this way in an expression; function: ${next.text}`
          : `Invalid function name; function: ${next.text}`,
      );
    }
    cursor.take();
    return sizeOf(reader, next.text, parseArguments(reader));
  }
  return { kind: "path", path: reader.path() };
}

function sizeOf(reader: Reader, name: string, operands: readonly Operand[]): Operand {
  const [of] = expectOperands(reader, name, operands, 1);
  if (of.kind === "value" && ["N", "BOOL", "NULL"].includes(typeOf(of.value)))
    noteOperandType(reader, "size", of.value);
  return { kind: "size", of };
}

function parseArguments(reader: Reader): readonly Operand[] {
  const { cursor } = reader;
  cursor.expect("(");
  const operands = [parseOperand(reader)];
  while (cursor.takeIf(",")) operands.push(parseOperand(reader));
  cursor.expect(")");
  return operands;
}

/** Notes a wrong number of operands; what it gives back then only serves to parse on. */
function expectOperands(
  reader: Reader,
  name: string,
  operands: readonly Operand[],
  count: number,
): readonly [Operand, Operand] {
  if (operands.length !== count)
    reader.note(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  const [first = { kind: "path", path: [] }, second = first] = operands;
  return [first, second];
}

const functionNames = [
  "attribute_exists",
  "attribute_not_exists",
  "attribute_type",
  "begins_with",
  "contains",
  "size",
  "if_not_exists",
  "list_append",
];
const isFunctionName = (name: string): boolean => functionNames.includes(name);

function parseFunction(reader: Reader): Condition {
  const name = reader.cursor.take().text;
  const operands = parseArguments(reader);
  switch (name) {
    case "attribute_exists":
    case "attribute_not_exists":
      return { kind: name, path: requirePath(reader, name, expectOperands(reader, name, operands, 1)[0]) };
    case "attribute_type": {
      const [operand, type] = expectOperands(reader, name, operands, 2);
      return { kind: name, path: requirePath(reader, name, operand), type: requireType(reader, type) };
    }
    case "begins_with":
    case "contains":
      return search(reader, name, expectOperands(reader, name, operands, 2));
    default:
      reader.note(
        isFunctionName(name)
          ? `The function is not allowed in a condition expression; function: ${name}`
          : `Invalid function name; function: ${name}`,
      );
      return { kind: "attribute_exists", path: [] };
  }
}

function search(reader: Reader, name: "begins_with" | "contains", operands: readonly [Operand, Operand]): Condition {
  const [operand, argument] = operands;
  if (operand.kind === "path" && argument.kind === "path" && samePath(operand.path, argument.path))
    reader.note(
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${name}, first operand: ${pathText(operand.path)}`,
    );
  if (name === "begins_with" && argument.kind === "value" && !["S", "B"].includes(typeOf(argument.value)))
    noteOperandType(reader, name, argument.value);
  return { kind: name, operand, argument };
}

function requirePath(reader: Reader, name: string, operand: Operand): Path {
  if (operand.kind === "path") return operand.path;
  reader.note(`Operator or function requires a document path; operator or function: ${name}`);
  return [];
}

function requireType(reader: Reader, operand: Operand): ValueType {
  const name = operand.kind === "value" ? operand.value.S : undefined;
  const type = valueTypes.find((known) => known === name);
  if (type === undefined)
    reader.note(
      `Invalid attribute type name found; type: ${name ?? "unknown"}, valid types: {${valueTypes.join(",")}}`,
    );
  return type ?? "S";
}

const valueTypes: readonly ValueType[] = ["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"];
