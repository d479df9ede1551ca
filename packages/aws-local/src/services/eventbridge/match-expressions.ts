/** The alternatives inside a pattern's array: plain values, and `{"prefix": …}`, `{"numeric": […]}` and the like. */
import { cidrTest } from "./cidr.ts";
import { wildcardTest } from "./wildcard.ts";

export type ValueTest = (value: string | number | boolean | null) => boolean;

/** The pattern's text is refused; `message` is what EventBridge answers. */
export class InvalidPattern extends Error {
  constructor(reason: string) {
    super(`Event pattern is not valid. Reason: ${reason}`);
    this.name = "InvalidPattern";
  }
}

/** A test of a leaf, or `absent` for `{"exists": false}`, which wants no leaf at all. */
export function readMatchExpression(alternative: unknown): ValueTest | "absent" {
  if (Array.isArray(alternative) || alternative === undefined)
    throw new InvalidPattern("Match value must be String, number, true, false, or null");
  if (!isObject(alternative)) return (value) => value === alternative;
  const [member, ...others] = Object.entries(alternative);
  if (member === undefined) throw new InvalidPattern("Match expression name not found");
  const [name, operand] = member;
  const test = readNamed(name, operand);
  if (others.length > 0) throw new InvalidPattern("Only one key allowed in match expression");
  return test;
}

function readNamed(name: string, operand: unknown): ValueTest | "absent" {
  switch (name) {
    case "exactly": {
      const text = textOf(operand, "exact match pattern must be a string");
      return (value) => value === text;
    }
    case "prefix":
      return readAffix("prefix", operand);
    case "suffix":
      return readAffix("suffix", operand);
    case "equals-ignore-case":
      return equalsIgnoreCase(textOf(operand, "equals-ignore-case match pattern must be a string"));
    case "wildcard":
      return wildcard(textOf(operand, "wildcard match pattern must be a string"));
    case "numeric":
      return readNumeric(operand);
    case "cidr":
      return readCidr(operand);
    case "exists":
      if (typeof operand !== "boolean") throw new InvalidPattern("exists match pattern must be either true or false.");
      return operand ? () => true : "absent";
    case "anything-but":
      return readAnythingBut(operand);
    default:
      throw new InvalidPattern(`Unrecognized match type ${name}`);
  }
}

// ---- Texts ------------------------------------------------------------------------------------------------------

const affixes = {
  prefix: (affix: string): ValueTest => onText((text) => text.startsWith(affix)),
  suffix: (affix: string): ValueTest => onText((text) => text.endsWith(affix)),
};

function readAffix(kind: "prefix" | "suffix", operand: unknown): ValueTest {
  if (!isObject(operand)) return affixes[kind](textOf(operand, `${kind} match pattern must be a string`));
  const [name, folded] = Object.entries(operand)[0] ?? [];
  if (name !== "equals-ignore-case") throw new InvalidPattern(`Unsupported ${kind} pattern: ${name ?? ""}`);
  onlyKey(operand);
  const affix = fold(textOf(folded, "equals-ignore-case match pattern must be a string"));
  const inner = affixes[kind](affix);
  return onText((text) => inner(fold(text)));
}

function equalsIgnoreCase(expected: string): ValueTest {
  const folded = fold(expected);
  return onText((text) => fold(text) === folded);
}

function wildcard(pattern: string): ValueTest {
  return onText(refusing(() => wildcardTest(pattern)));
}

const onText =
  (test: (text: string) => boolean): ValueTest =>
  (value) =>
    typeof value === "string" && test(value);

const fold = (text: string): string => text.toLowerCase();

// ---- Numbers and addresses ----------------------------------------------------------------------------------------

function readNumeric(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw new InvalidPattern("Value of numeric must be an array.");
  const [operator, bound, secondOperator, secondBound] = operand as readonly unknown[];
  if (typeof operator !== "string") throw new InvalidPattern(`Invalid member in numeric match: ${String(operator)}`);
  const compare = comparisons.get(operator);
  if (compare === undefined) throw new InvalidPattern(`Unrecognized numeric range operator: ${operator}`);
  const first = numberOf(bound, operator === "=" ? "equals" : operator);
  if (operand.length === 2) return onNumber((value) => compare(value, first));
  if (!operator.startsWith(">")) throw new InvalidPattern("Too many elements in numeric expression");

  if (typeof secondOperator !== "string")
    throw new InvalidPattern(`Bad value in numeric range: ${String(secondOperator)}`);
  const compareTop = secondOperator.startsWith("<") ? comparisons.get(secondOperator) : undefined;
  if (compareTop === undefined) throw new InvalidPattern(`Bad numeric range operator: ${secondOperator}`);
  const top = numberOf(secondBound, secondOperator);
  if (operand.length > 4) throw new InvalidPattern("Too many terms in numeric range expression");
  if (first >= top) throw new InvalidPattern("Bottom must be less than top");
  return onNumber((value) => compare(value, first) && compareTop(value, top));
}

const comparisons: ReadonlyMap<string, (value: number, bound: number) => boolean> = new Map([
  ["=", (value: number, bound: number) => value === bound],
  ["<", (value: number, bound: number) => value < bound],
  ["<=", (value: number, bound: number) => value <= bound],
  [">", (value: number, bound: number) => value > bound],
  [">=", (value: number, bound: number) => value >= bound],
]);

const onNumber =
  (test: (value: number) => boolean): ValueTest =>
  (value) =>
    typeof value === "number" && test(value);

function numberOf(operand: unknown, operator: string): number {
  if (typeof operand !== "number") throw new InvalidPattern(`Value of ${operator} must be numeric`);
  return operand;
}

function readCidr(operand: unknown): ValueTest {
  const range = textOf(operand, "prefix match pattern must be a string");
  return onText(refusing(() => cidrTest(range)));
}

// ---- anything-but -------------------------------------------------------------------------------------------------

function readAnythingBut(operand: unknown): ValueTest {
  const expected = isObject(operand) && !Array.isArray(operand) ? readNegated(operand) : readPlain(operand);
  return (value) => !expected.some((test) => test(value));
}

function readPlain(operand: unknown): readonly ValueTest[] {
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (!Array.isArray(operand) && typeof operand !== "string" && typeof operand !== "number")
    throw new InvalidPattern("Value of anything-but must be an array or single string/number value.");
  if (values.some((value) => typeof value !== "string" && typeof value !== "number"))
    throw new InvalidPattern("Inside anything but list, start|null|boolean is not supported.");
  if (new Set(values.map((value) => typeof value)).size !== 1)
    throw new InvalidPattern(
      "Inside anything but list, either all values are number or string, mixed type is not supported",
    );
  return values.map((expected) => (value) => value === expected);
}

function readNegated(operand: object): readonly ValueTest[] {
  const [name, values] = Object.entries(operand)[0] ?? [];
  if (name === undefined) throw new InvalidPattern("Anything-But expression name not found");
  const negated = negatable.get(name);
  if (negated === undefined) throw new InvalidPattern(`Unsupported anything-but pattern: ${name}`);
  if (Object.keys(operand).length > 1) throw new InvalidPattern("Too many elements in numeric expression");
  const texts: readonly unknown[] = Array.isArray(values) ? values : [values];
  return texts.map((text) => {
    const known = textOf(text, negated.refusal);
    if (known === "" && (name === "prefix" || name === "suffix"))
      throw new InvalidPattern("Null prefix/suffix not allowed");
    return negated.test(known);
  });
}

const negatable: ReadonlyMap<string, { test: (text: string) => ValueTest; refusal: string }> = new Map([
  ["prefix", { test: affixes.prefix, refusal: "prefix/suffix match pattern must be a string" }],
  ["suffix", { test: affixes.suffix, refusal: "prefix/suffix match pattern must be a string" }],
  [
    "equals-ignore-case",
    {
      test: equalsIgnoreCase,
      refusal: "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    },
  ],
  ["wildcard", { test: wildcard, refusal: "wildcard match pattern must be a string" }],
]);

// ---- Reading operands ---------------------------------------------------------------------------------------------

function textOf(operand: unknown, refusal: string): string {
  if (typeof operand !== "string") throw new InvalidPattern(refusal);
  return operand;
}

function onlyKey(object: object): void {
  if (Object.keys(object).length > 1) throw new InvalidPattern("Only one key allowed in match expression");
}

/** Turns the plain error of a text that cannot be read into a refusal of the pattern. */
function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new InvalidPattern(error instanceof Error ? error.message : String(error));
  }
}

export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
