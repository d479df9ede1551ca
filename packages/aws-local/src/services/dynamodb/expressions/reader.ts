/**
 * What all expressions are made of: document paths and values. Faults of meaning (a reserved word, an undefined
 * placeholder) are noted and thrown by `finish`, since DynamoDB reports a fault of syntax first wherever it stands.
 */
import type { AttributeValue } from "../values.ts";
import type { Placeholders } from "./placeholders.ts";
import { isReservedWord } from "./reserved-words.ts";
import type { Path } from "./syntax.ts";
import { type Cursor, cursorOver, type ExpressionName, invalidExpression } from "./tokens.ts";

export interface Reader {
  readonly cursor: Cursor;
  path(): Path;
  /** `:placeholder`. */
  value(): AttributeValue;
  /** Remembers the first fault of meaning. */
  note(problem: string): void;
  /** The whole text has to be used up. */
  finish(): void;
}

/** Stands for what an undefined placeholder would have been; never seen, for `finish` throws. */
const undefinedValue: AttributeValue = { NULL: true };

export function readerOf(text: string, expression: ExpressionName, placeholders: Placeholders): Reader {
  const cursor = cursorOver(text, expression);
  let firstProblem: string | undefined;
  const note = (problem: string): void => {
    firstProblem ??= problem;
  };

  function path(): Path {
    const steps: (string | number)[] = [attributeName()];
    for (;;) {
      if (cursor.takeIf(".")) steps.push(attributeName());
      else if (cursor.takeIf("[")) {
        if (cursor.peek().kind !== "index") cursor.syntaxError();
        steps.push(Number(cursor.take().text));
        cursor.expect("]");
      } else return steps;
    }
  }

  function attributeName(): string {
    const { kind, text: name } = cursor.peek();
    if (kind !== "word" && kind !== "name") cursor.syntaxError();
    cursor.take();
    if (kind === "word") {
      if (isReservedWord(name)) note(`Attribute name is a reserved keyword; reserved keyword: ${name}`);
      return name;
    }
    const found = placeholders.name(name);
    if (found === undefined)
      note(`An expression attribute name used in the document path is not defined; attribute name: ${name}`);
    return found ?? name;
  }

  function value(): AttributeValue {
    if (cursor.peek().kind !== "value") cursor.syntaxError();
    const placeholder = cursor.take().text;
    const found = placeholders.value(placeholder);
    if (found === undefined)
      note(`An expression attribute value used in expression is not defined; attribute value: ${placeholder}`);
    return found ?? undefinedValue;
  }

  function finish(): void {
    if (cursor.peek().kind !== "end") cursor.syntaxError();
    if (firstProblem !== undefined) throw invalidExpression(expression, firstProblem);
  }

  return { cursor, path, value, note, finish };
}
