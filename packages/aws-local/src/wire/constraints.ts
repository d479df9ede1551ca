/**
 * Lengths, ranges, enums and patterns of the inputs, extracted from botocore's models by
 * `scripts/extract-constraints.py`: the SDK's schemas do not carry them. See `constraints/NOTICE`.
 */
import { existsSync, readFileSync } from "node:fs";
import * as z from "zod";

export interface Constraint {
  /** Of a text, list, map or blob: its length. Of a number: its value. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly pattern?: string | undefined;
  readonly enum?: readonly string[] | undefined;
  /** Names of the shapes below, where those are constrained. */
  readonly members?: Readonly<Record<string, string>> | undefined;
  readonly item?: string | undefined;
  readonly key?: string | undefined;
  readonly value?: string | undefined;
}

export interface Constraints {
  ofOperation(name: string): Constraint | undefined;
  shape(name: string | undefined): Constraint | undefined;
}

const none: Constraints = { ofOperation: () => undefined, shape: () => undefined };

/** `service` is the IAM prefix, which names the file. Each file is read once. */
export function loadConstraints(service: string): Constraints {
  const known = loaded.get(service) ?? load(service);
  loaded.set(service, known);
  return known;
}

const loaded = new Map<string, Constraints>();

function load(service: string): Constraints {
  const file = new URL(`./constraints/generated/${service}.json`, import.meta.url);
  if (!existsSync(file)) return none;
  const { operations, shapes } = fileShape.parse(JSON.parse(readFileSync(file, "utf8")));
  const shape = (name: string | undefined) => (name === undefined ? undefined : shapes[name]);
  return { shape, ofOperation: (name) => shape(operations[name]) };
}

/** The rules that the value breaks, as AWS words them. */
export function brokenConstraints(constraint: Constraint, value: unknown): string[] {
  const { min, max, pattern } = constraint;
  const size = measureOf(value);
  const broken: string[] = [];
  if (size !== undefined && min !== undefined && size.amount < min) {
    broken.push(`Member must have ${size.name} greater than or equal to ${min}`);
  }
  if (size !== undefined && max !== undefined && size.amount > max) {
    broken.push(`Member must have ${size.name} less than or equal to ${max}`);
  }
  if (typeof value !== "string") return broken;
  if (pattern !== undefined && !compiled(pattern).test(value)) {
    broken.push(`Member must satisfy regular expression pattern: ${pattern}`);
  }
  if (constraint.enum !== undefined && !constraint.enum.includes(value)) {
    broken.push(`Member must satisfy enum value set: [${constraint.enum.join(", ")}]`);
  }
  return broken;
}

function measureOf(value: unknown): { name: "length" | "value"; amount: number } | undefined {
  if (typeof value === "number") return { name: "value", amount: value };
  if (typeof value === "string" || Array.isArray(value) || value instanceof Uint8Array) {
    return { name: "length", amount: value.length };
  }
  return typeof value === "object" && value !== null
    ? { name: "length", amount: Object.keys(value).length }
    : undefined;
}

const patterns = new Map<string, RegExp>();

function compiled(pattern: string): RegExp {
  const known = patterns.get(pattern) ?? compile(pattern);
  patterns.set(pattern, known);
  return known;
}

/** Java's `matches()`: the whole text. Java allows escapes, such as `\\_`, that JavaScript refuses in a Unicode pattern. */
function compile(pattern: string): RegExp {
  const whole = `^(?:${pattern})$`;
  try {
    return new RegExp(whole, "u");
  } catch {
    return new RegExp(whole);
  }
}

const fileShape = z.object({
  operations: z.record(z.string(), z.string()),
  shapes: z.record(
    z.string(),
    z.object({
      min: z.number().optional(),
      max: z.number().optional(),
      pattern: z.string().optional(),
      enum: z.array(z.string()).optional(),
      members: z.record(z.string(), z.string()).optional(),
      item: z.string().optional(),
      key: z.string().optional(),
      value: z.string().optional(),
    }),
  ),
});
