/** Parses an update expression: the sections SET, REMOVE, ADD and DELETE, each at most once. */
import { type AttributeValue, typeOf, type ValueType } from "../values.ts";
import { assertNoOverlap } from "./overlaps.ts";
import type { Placeholders } from "./placeholders.ts";
import { type Reader, readerOf } from "./reader.ts";
import type { Path, SetValue, Update } from "./syntax.ts";

type Section = "SET" | "REMOVE" | "ADD" | "DELETE";

export function parseUpdate(text: string, placeholders: Placeholders): Update {
  const reader = readerOf(text, "UpdateExpression", placeholders);
  const set: { path: Path; value: SetValue }[] = [];
  const remove: Path[] = [];
  const add: { path: Path; value: AttributeValue }[] = [];
  const subtract: { path: Path; value: AttributeValue }[] = [];
  const seen = new Set<Section>();

  do {
    const section = takeSection(reader);
    if (seen.has(section)) reader.note(`The "${section}" section can only be used once in an update expression;`);
    seen.add(section);
    do {
      if (section === "SET") set.push(parseAssignment(reader));
      else if (section === "REMOVE") remove.push(reader.path());
      else if (section === "ADD") add.push(parseOperation(reader, "ADD", ["N", "SS", "NS", "BS"]));
      else subtract.push(parseOperation(reader, "DELETE", ["SS", "NS", "BS"]));
    } while (reader.cursor.takeIf(","));
  } while (reader.cursor.peek().kind !== "end");

  assertNoOverlap([...[...set, ...add, ...subtract].map(({ path }) => path), ...remove], reader.note);
  reader.finish();
  return { set, remove, add, delete: subtract };
}

function takeSection(reader: Reader): Section {
  const word = reader.cursor.peek().text.toUpperCase();
  const section = sections.find((known) => known === word);
  if (section === undefined) return reader.cursor.syntaxError();
  reader.cursor.take();
  return section;
}

const sections: readonly Section[] = ["SET", "REMOVE", "ADD", "DELETE"];

function parseAssignment(reader: Reader): { path: Path; value: SetValue } {
  const path = reader.path();
  reader.cursor.expect("=");
  return { path, value: parseSetValue(reader) };
}

/** One addition or subtraction at most: `a + b + c` is a syntax error in DynamoDB too. */
function parseSetValue(reader: Reader): SetValue {
  const left = parseSetOperand(reader);
  const kind = reader.cursor.isNext("+") ? "+" : reader.cursor.isNext("-") ? "-" : undefined;
  if (kind === undefined) return left;
  reader.cursor.take();
  const right = parseSetOperand(reader);
  for (const operand of [left, right]) requireType(reader, kind, operand, "N");
  return { kind, left, right };
}

function parseSetOperand(reader: Reader): SetValue {
  const { cursor } = reader;
  if (cursor.takeIf("(")) {
    const value = parseSetValue(reader);
    cursor.expect(")");
    return value;
  }
  if (cursor.peek().kind === "value") return { kind: "value", value: reader.value() };
  if (cursor.peek().kind === "word" && cursor.peek(1).text === "(") return parseFunction(reader);
  return { kind: "path", path: reader.path() };
}

function parseFunction(reader: Reader): SetValue {
  const { cursor } = reader;
  const name = cursor.take().text;
  cursor.expect("(");
  const operands = [parseSetOperand(reader)];
  while (cursor.takeIf(",")) operands.push(parseSetOperand(reader));
  cursor.expect(")");
  const [first, second] = operands;
  if (name !== "if_not_exists" && name !== "list_append") reader.note(unknownFunction(name));
  else if (first === undefined || second === undefined || operands.length !== 2)
    reader.note(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  else if (name === "list_append") {
    for (const operand of [first, second]) requireType(reader, name, operand, "L");
    return { kind: name, left: first, right: second };
  } else if (first.kind === "path") return { kind: name, path: first.path, otherwise: second };
  else reader.note(`Operator or function requires a document path; operator or function: ${name}`);
  return { kind: "path", path: [] };
}

const unknownFunction = (name: string): string =>
  ["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"].includes(name)
    ? `The function is not allowed in an update expression; function: ${name}`
    : `Invalid function name; function: ${name}`;

function requireType(reader: Reader, operator: string, operand: SetValue, type: ValueType): void {
  if (operand.kind === "value" && typeOf(operand.value) !== type)
    reader.note(
      `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${typeOf(operand.value)}`,
    );
}

function parseOperation(
  reader: Reader,
  section: "ADD" | "DELETE",
  allowed: readonly ValueType[],
): { path: Path; value: AttributeValue } {
  const path = reader.path();
  const value = reader.value();
  const type = typeOf(value);
  if (!allowed.includes(type))
    reader.note(
      `Incorrect operand type for operator or function; operator: ${section}, operand type: ${longNames[type]}, typeSet: ALLOWED_FOR_${section}_OPERAND`,
    );
  return { path, value };
}

const longNames: Readonly<Record<ValueType, string>> = {
  S: "STRING",
  N: "NUMBER",
  B: "BINARY",
  SS: "STRING_SET",
  NS: "NUMBER_SET",
  BS: "BINARY_SET",
  M: "MAP",
  L: "LIST",
  NULL: "NULL",
  BOOL: "BOOLEAN",
};
