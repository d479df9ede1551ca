/**
 * What AWS checks before an operation sees its input: types, required members, then lengths, ranges, enums and patterns.
 * The SDK checks none of it, so nothing else would tell the JavaScript code of its mistake.
 */
import { AwsError } from "../aws-error.ts";
import type { Constraint, Constraints } from "./constraints.ts";
import { brokenConstraints } from "./constraints.ts";
import { requiredMembers, type Shape } from "./schema.ts";
import type { ValidationStyle } from "./vocabulary.ts";

interface Violation {
  /** As Java names it: `overrides.1.member.instanceType`. */
  readonly path: readonly string[];
  readonly value: unknown;
  readonly sensitive: boolean;
  /** `Member must not be null` */
  readonly rule: string;
}

export interface Validation {
  readonly input: Shape;
  readonly constraints: Constraints;
  readonly style: ValidationStyle;
  /** The protocol's code for a value of the wrong type. */
  readonly malformed: string;
}

/** Throws `AwsError` in the service's own words. */
export function validate(value: unknown, operation: string, validation: Validation): void {
  const { input, constraints, style } = validation;
  if (input.isUnitSchema()) return;
  const violations: Violation[] = [];
  check({ shape: input, value, constraint: constraints.ofOperation(operation), path: [] });
  if (violations.length > 0) throw validationError(violations, style);

  function check(spot: Spot): void {
    if (spot.value === undefined || spot.value === null) return;
    requireType(spot, validation.malformed);
    checkConstraint(spot);
    if (spot.shape.isStructSchema()) requireMembers(spot);
    for (const part of partsOf(spot, constraints)) check(part);
  }

  function checkConstraint({ shape, value, constraint, path }: Spot): void {
    if (constraint === undefined) return;
    const sensitive = Boolean(shape.getMergedTraits().sensitive);
    for (const rule of brokenConstraints(constraint, value)) violations.push({ path, value, sensitive, rule });
  }

  function requireMembers({ shape, value, path }: Spot): void {
    for (const name of requiredMembers(shape)) {
      const member: unknown = Reflect.get(Object(value), name);
      if (member !== undefined && member !== null) continue;
      violations.push({ path: [...path, name], value: null, sensitive: false, rule: "Member must not be null" });
    }
  }
}

/** A value somewhere in the input, and what is known of it. */
interface Spot {
  readonly shape: Shape;
  readonly value: unknown;
  readonly constraint: Constraint | undefined;
  readonly path: readonly string[];
}

/** The values that a value is made of. */
function partsOf({ shape, value, constraint, path }: Spot, constraints: Constraints): Spot[] {
  if (shape.isListSchema() && Array.isArray(value)) {
    const item = { shape: shape.getValueSchema(), constraint: constraints.shape(constraint?.item) };
    return value.map((element, index) => ({ ...item, value: element, path: [...path, `${index + 1}`, "member"] }));
  }
  if (shape.isMapSchema()) {
    const keys = { shape: shape.getKeySchema(), constraint: constraints.shape(constraint?.key) };
    const values = { shape: shape.getValueSchema(), constraint: constraints.shape(constraint?.value) };
    return Object.entries(Object(value)).flatMap(([key, entry]) => [
      { ...keys, value: key, path: [...path, key, "key"] },
      { ...values, value: entry, path: [...path, key, "member"] },
    ]);
  }
  if (!shape.isStructSchema()) return [];
  return [...shape.structIterator()].map(([name, member]) => ({
    shape: member,
    value: Reflect.get(Object(value), name),
    constraint: constraints.shape(constraint?.members?.[name]),
    path: [...path, name],
  }));
}

/** A number where a text belongs: services say so before they validate. */
function requireType({ shape, value, path }: Spot, code: string): void {
  const expected = expectedType(shape);
  if (expected === undefined || expected.holds(value)) return;
  throw new AwsError(code, `${plain(value)} can not be converted to ${expected.name} at '${pathText(path)}'`);
}

function expectedType(shape: Shape): { name: string; holds(value: unknown): boolean } | undefined {
  if (shape.isDocumentSchema() || shape.isStreaming()) return undefined;
  if (shape.isStringSchema()) return { name: "a String", holds: isText };
  if (shape.isBooleanSchema()) return { name: "a Boolean", holds: (value) => typeof value === "boolean" };
  if (shape.isNumericSchema()) return { name: "a Number", holds: isNumber };
  if (shape.isTimestampSchema()) return { name: "a Date", holds: (value) => value instanceof Date };
  if (shape.isListSchema()) return { name: "a List", holds: Array.isArray };
  if (shape.isMapSchema() || shape.isStructSchema()) return { name: "an Object", holds: isObject };
  return undefined;
}

/** Members with a media type arrive as the SDK's lazy JSON string, which is a `String`. */
const isText = (value: unknown): boolean => typeof value === "string" || value instanceof String;

/** What query could not read as a number is `NaN` here. */
const isNumber = (value: unknown): boolean => typeof value === "number" && !Number.isNaN(value);

const isObject = (value: unknown): boolean => typeof value === "object" && !Array.isArray(value);

// ---- Words ---------------------------------------------------------------------------------------------------------

function validationError(violations: readonly Violation[], style: ValidationStyle): AwsError {
  const [first] = violations;
  if (first === undefined) throw new Error("no violation, no error");
  const code = violations.some(isMissing) ? style.missing : style.invalid;
  return new AwsError(code, style.sentence === "summary" ? summary(violations) : parameterSentence(first));
}

const isMissing = ({ value }: Violation): boolean => value === null;

/** As the services built on Coral say it. */
function summary(violations: readonly Violation[]): string {
  const count = violations.length === 1 ? "1 validation error" : `${violations.length} validation errors`;
  const sentences = violations.map((violation) => {
    const value = violation.sensitive ? "Value" : `Value ${quoted(violation.value)}`;
    return `${value} at '${pathText(violation.path)}' failed to satisfy constraint: ${violation.rule}`;
  });
  return `${count} detected: ${sentences.join("; ")}`;
}

/** As EC2, SQS and S3 say it. */
function parameterSentence(violation: Violation): string {
  const name = violation.path.filter((part) => part !== "member").join(".");
  if (isMissing(violation)) return `The request must contain the parameter ${name}`;
  return `Value (${plain(violation.value)}) for parameter ${lowerFirst(name)} is invalid. ${violation.rule}`;
}

const quoted = (value: unknown): string => (value === null ? "null" : `'${plain(value)}'`);

function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(", ")}]`;
  return typeof value === "object" && !(value instanceof String) ? JSON.stringify(value) : String(value);
}

/** Java's names begin in lower case. */
const pathText = (path: readonly string[]): string => path.map(lowerFirst).join(".");

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
