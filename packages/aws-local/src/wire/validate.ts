/**
 * What AWS checks before an operation sees its input: types, required members, then lengths, ranges, enums and patterns.
 * The SDK checks none of it, so nothing else would tell the JavaScript code of its mistake.
 */
import { AwsError } from "../aws-error.ts";
import { brokenConstraints, type Constraints } from "./constraints.ts";
import { type Rules, rulesOf } from "./rules.ts";
import type { Shape } from "./schema.ts";
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
  const { input, constraints, style, malformed } = validation;
  if (input.isUnitSchema()) return;
  const violations: Violation[] = [];
  /** Where the value that is looked at stands. */
  const path: string[] = [];
  check(rulesOf(input, operation, constraints), value);
  if (violations.length > 0) throw validationError(violations, style);

  function check(rules: Rules, value: unknown): void {
    if (value === undefined || value === null) return;
    // A number where a text belongs: services say so before they validate.
    if (rules.type?.holds(value) === false) throw wrongType(malformed, rules.type.name, value, path);
    checkConstraint(rules, value);
    for (const name of rules.required) requireMember(value, name);
    checkParts(rules, value);
  }

  function checkConstraint({ constraint, sensitive }: Rules, value: unknown): void {
    if (constraint === undefined) return;
    for (const rule of brokenConstraints(constraint, value))
      violations.push({ path: [...path], value, sensitive, rule });
  }

  function requireMember(value: unknown, name: string): void {
    const member: unknown = Reflect.get(Object(value), name);
    if (member !== undefined && member !== null) return;
    violations.push({ path: [...path, name], value: null, sensitive: false, rule: "Member must not be null" });
  }

  function checkParts(rules: Rules, value: unknown): void {
    const parts = rules.parts();
    if (parts.kind === "structure") {
      for (const [name, member] of Object.entries(Object(value))) {
        const rules = parts.members.get(name);
        if (rules !== undefined) checkPart(rules, member, name);
      }
    } else if (parts.kind === "map") {
      for (const [key, entry] of Object.entries(Object(value))) {
        checkPart(parts.key, key, key, "key");
        checkPart(parts.value, entry, key, "member");
      }
    } else if (parts.kind === "list" && Array.isArray(value)) {
      for (const [index, element] of value.entries()) checkPart(parts.item, element, `${index + 1}`, "member");
    }
  }

  function checkPart(rules: Rules, value: unknown, name: string, part?: "key" | "member"): void {
    if (value === undefined || value === null) return;
    const { length } = path;
    path.push(name);
    if (part !== undefined) path.push(part);
    check(rules, value);
    path.length = length;
  }
}

// ---- Words ---------------------------------------------------------------------------------------------------------

const wrongType = (code: string, expected: string, value: unknown, path: readonly string[]): AwsError =>
  new AwsError(code, `${plain(value)} can not be converted to ${expected} at '${pathText(path)}'`);

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
