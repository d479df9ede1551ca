/**
 * Metric math as far as alarms on ratios need it: numbers, ids, `+ - * /`, parentheses and `FILL(id, number)`.
 * Everything else is refused as not modelled.
 */
import { AwsError } from "../../aws-error.ts";

export type Expression = (value: (id: string) => number | undefined) => number | undefined;

export function readExpression(text: string): Expression {
  const tokens = text.match(/\d+(?:\.\d+)?|[A-Za-z_]\w*|[-+*/(),]|\S/g) ?? [];
  let at = 0;

  const peek = (): string | undefined => tokens[at];

  function take(expected?: string): string {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected)) throw notModelled(text);
    return token;
  }

  function sum(): Expression {
    let left = product();
    while (peek() === "+" || peek() === "-") left = combined(take(), left, product());
    return left;
  }

  function product(): Expression {
    let left = factor();
    while (peek() === "*" || peek() === "/") left = combined(take(), left, factor());
    return left;
  }

  function factor(): Expression {
    const token = take();
    if (token === "(") {
      const inner = sum();
      take(")");
      return inner;
    }
    if (token === "-") return combined("-", () => 0, factor());
    if (/^\d/.test(token)) return () => Number(token);
    if (token === "FILL" && peek() === "(") return filled();
    if (!/^[a-z]\w*$/.test(token) || peek() === "(") throw notModelled(text);
    return (value) => value(token);
  }

  function filled(): Expression {
    take("(");
    const inner = sum();
    take(",");
    const otherwise = sum();
    take(")");
    return (value) => inner(value) ?? otherwise(value);
  }

  const whole = sum();
  if (at < tokens.length) throw notModelled(text);
  return whole;
}

/** A point is missing where one of its parts is, and where it would be divided by zero. */
function combined(operator: string, left: Expression, right: Expression): Expression {
  return (value) => {
    const [one, other] = [left(value), right(value)];
    if (one === undefined || other === undefined) return undefined;
    const result = calculations[operator]?.(one, other);
    return result === undefined || !Number.isFinite(result) ? undefined : result;
  };
}

const calculations: Readonly<Record<string, (one: number, other: number) => number>> = {
  "+": (one, other) => one + other,
  "-": (one, other) => one - other,
  "*": (one, other) => one * other,
  "/": (one, other) => one / other,
};

const notModelled = (text: string): AwsError =>
  new AwsError("NotImplemented", `the metric math expression ${text} is not modelled here`, 501);
