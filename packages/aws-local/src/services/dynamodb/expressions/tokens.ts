/** The tokens of an expression, and a cursor over them that writes syntax errors as DynamoDB does. */
import { validationException } from "../errors.ts";

/** Which parameter of the request an expression came in; DynamoDB's errors name it. */
export type ExpressionName =
  | "ConditionExpression"
  | "FilterExpression"
  | "KeyConditionExpression"
  | "ProjectionExpression"
  | "UpdateExpression";

interface Token {
  /** `name` is `#placeholder`, `value` is `:placeholder`. */
  readonly kind: "word" | "name" | "value" | "index" | "symbol" | "end";
  readonly text: string;
  readonly start: number;
}

/** Expressions are at most 4 KB long (limits-and-prices 1.3). */
const LONGEST_EXPRESSION = 4096;

export interface Cursor {
  peek(ahead?: number): Token;
  take(): Token;
  /** Takes the next token when it is this symbol or, whatever its case, this keyword. */
  takeIf(text: string): boolean;
  isNext(text: string): boolean;
  expect(text: string): void;
  /** The next token does not fit. */
  syntaxError(): never;
}

export const invalidExpression = (expression: ExpressionName, problem: string): Error =>
  validationException(`Invalid ${expression}: ${problem}`);

export function cursorOver(text: string, expression: ExpressionName): Cursor {
  if (text.trim() === "") throw invalidExpression(expression, "The expression can not be empty;");
  if (Buffer.byteLength(text) > LONGEST_EXPRESSION)
    throw invalidExpression(
      expression,
      `Expression size has exceeded the maximum allowed size; expression size: ${Buffer.byteLength(text)}`,
    );
  const tokens = tokensOf(text);
  const end: Token = { kind: "end", text: "<EOF>", start: text.length };
  let position = 0;

  const peek = (ahead = 0): Token => tokens[position + ahead] ?? end;
  const isNext = (wanted: string): boolean => {
    const next = peek();
    return (next.kind === "symbol" || next.kind === "word") && next.text.toUpperCase() === wanted;
  };
  const take = (): Token => {
    const token = peek();
    position++;
    return token;
  };
  const takeIf = (wanted: string): boolean => {
    const found = isNext(wanted);
    if (found) position++;
    return found;
  };

  /** DynamoDB shows the token with its neighbours, as they stand in the text. */
  const syntaxError = (): never => {
    const [before, after] = [tokens[position - 1] ?? peek(), tokens[position + 1] ?? peek()];
    const near = text.slice(before.start, after.kind === "end" ? undefined : after.start + after.text.length);
    throw invalidExpression(expression, `Syntax error; token: "${peek().text}", near: "${near}"`);
  };
  const expect = (wanted: string): void => {
    if (!takeIf(wanted)) syntaxError();
  };

  return { peek, take, takeIf, isNext, expect, syntaxError };
}

const pattern = /\s*(?:(?<word>[A-Za-z_]\w*)|(?<name>#\w+)|(?<value>:\w+)|(?<index>\d+)|(?<symbol><>|<=|>=|[^\s]))/gy;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(pattern)) {
    const [kind, found] = Object.entries(match.groups ?? {}).find(([, group]) => group !== undefined) ?? [];
    if (found !== undefined && isKind(kind))
      tokens.push({ kind, text: found, start: match.index + match[0].length - found.length });
  }
  return tokens;
}

const isKind = (kind: string | undefined): kind is Exclude<Token["kind"], "end"> =>
  kind === "word" || kind === "name" || kind === "value" || kind === "index" || kind === "symbol";
