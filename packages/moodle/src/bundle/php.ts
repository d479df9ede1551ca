/**
 * PHP from data, in one place: whatever is put in comes out of PHP unchanged and is never run. Only single quotes are
 * used, in which PHP reads nothing but `\\` and `\'` (manual, "Strings: Single quoted"); `$`, line breaks and `?>` are
 * ordinary characters there.
 */

export type PhpValue =
  | string
  | number
  | boolean
  | null
  | PhpExpression
  | readonly PhpValue[]
  | { readonly [key: string]: PhpValue };

/** Source that is already PHP. Written by hand in this package, never made of data. */
export class PhpExpression {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/**
 * @returns an expression that evaluates to this value. A key that looks like an integer becomes one, as PHP has it.
 * @throws RangeError for what PHP has no literal for: a number that is not finite, half a surrogate pair
 */
export function phpLiteral(value: PhpValue, indent = ""): string {
  if (value === null) return "null";
  if (value instanceof PhpExpression) return value.source;
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return numeral(value);
  if (typeof value === "boolean") return String(value);
  const deeper = `${indent}  `;
  // Array.isArray does not tell a readonly array from a record.
  const entries = isList(value)
    ? value.map((each) => phpLiteral(each, deeper))
    : Object.entries(value).map(([key, each]) => `${quoted(key)} => ${phpLiteral(each, deeper)}`);
  return entries.length === 0 ? "[]" : `[\n${entries.map((each) => `${deeper}${each},\n`).join("")}${indent}]`;
}

function quoted(text: string): string {
  if (!text.isWellFormed()) throw new RangeError("half a surrogate pair has no place in UTF-8");
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function numeral(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no literal in PHP`);
  // JavaScript's negative zero is written 0, which would come back as another value.
  return Object.is(value, -0) ? "-0.0" : String(value);
}

const isList = (value: readonly PhpValue[] | { readonly [key: string]: PhpValue }): value is readonly PhpValue[] =>
  Array.isArray(value);
