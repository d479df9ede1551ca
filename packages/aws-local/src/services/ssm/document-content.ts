/**
 * The content of a Command document: its parameters, its one step, and what a command's parameters make of both.
 * Schema 2.2 is what people write; 1.2 is what AWS's own AWS-RunShellScript still is.
 */
import { InvalidDocumentContent, InvalidDocumentSchemaVersion, InvalidParameters } from "@aws-sdk/client-ssm";
import * as z from "zod";
import { AwsError } from "../../aws-error.ts";

const parameterDefinition = z.object({
  type: z.enum(["String", "StringList", "Integer", "Boolean", "MapList", "StringMap"]),
  description: z.string().optional(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
  allowedValues: z.array(z.string()).optional(),
  allowedPattern: z.string().optional(),
  minChars: z.int().optional(),
  maxChars: z.int().optional(),
  minItems: z.int().optional(),
  maxItems: z.int().optional(),
});
type ParameterDefinition = z.infer<typeof parameterDefinition>;

const timeoutSeconds = z.union([z.string(), z.number()]).optional();
const scriptInputs = z.looseObject({
  timeoutSeconds,
  runCommand: z.union([z.string(), z.array(z.string())]).optional(),
});

const common = {
  description: z.string().optional(),
  parameters: z.record(z.string(), parameterDefinition).default({}),
};
const schema22 = z.object({
  schemaVersion: z.enum(["2.0", "2.2"]),
  ...common,
  mainSteps: z.array(z.looseObject({ action: z.string(), name: z.string(), inputs: scriptInputs.optional() })).min(1),
});
const schema12 = z.object({
  schemaVersion: z.literal("1.2"),
  ...common,
  runtimeConfig: z.record(z.string(), z.looseObject({ properties: z.array(scriptInputs).min(1) })),
});

export interface DocumentContent {
  readonly schemaVersion: string;
  readonly description: string | undefined;
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
  readonly steps: readonly DocumentStep[];
}

export interface DocumentStep {
  readonly action: string;
  /** What GetCommandInvocation calls the plugin: the step's name, in schema 1.2 its action. */
  readonly name: string;
  readonly runCommand: readonly string[];
  readonly timeoutSeconds: string;
}

export type ParameterValues = Readonly<Record<string, readonly string[]>>;

const defaultExecutionTimeout = "3600";

/** Reads a document's content; throws as CreateDocument does. */
export function readContent(content: unknown): DocumentContent {
  const version = z.looseObject({ schemaVersion: z.string() }).safeParse(content);
  if (!version.success) throw invalidContent("schemaVersion is missing");
  switch (version.data.schemaVersion) {
    case "2.0":
    case "2.2":
      return fromSchema22(content);
    case "1.2":
      return fromSchema12(content);
    default:
      throw new InvalidDocumentSchemaVersion({
        message: `The schema version ${version.data.schemaVersion} isn't supported.`,
        $metadata: {},
      });
  }
}

function fromSchema22(content: unknown): DocumentContent {
  const { schemaVersion, description, parameters, mainSteps } = read(schema22, content);
  const steps = mainSteps.map(({ action, name, inputs }) => step(action, name, inputs ?? {}));
  return { schemaVersion, description, parameters, steps };
}

function fromSchema12(content: unknown): DocumentContent {
  const { schemaVersion, description, parameters, runtimeConfig } = read(schema12, content);
  const steps = Object.entries(runtimeConfig).flatMap(([action, { properties }]) =>
    properties.map((inputs) => step(action, action, inputs)),
  );
  return { schemaVersion, description, parameters, steps };
}

function step(action: string, name: string, inputs: z.infer<typeof scriptInputs>): DocumentStep {
  return {
    action,
    name,
    runCommand: [inputs.runCommand ?? []].flat(),
    timeoutSeconds: String(inputs.timeoutSeconds ?? defaultExecutionTimeout),
  };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidContent("the content isn't valid JSON");
  }
}

function read<T>(schema: z.ZodType<T>, content: unknown): T {
  const result = schema.safeParse(content);
  if (!result.success) throw invalidContent(z.prettifyError(result.error));
  return result.data;
}

const invalidContent = (why: string): InvalidDocumentContent =>
  new InvalidDocumentContent({ message: `The content of the document isn't valid: ${why}.`, $metadata: {} });

// ---- Parameters -----------------------------------------------------------------------------------------------

/** The values with which the document runs: those given, checked against the document, and its defaults. */
export function effectiveParameters(content: DocumentContent, given: ParameterValues): ParameterValues {
  for (const name of Object.keys(given))
    if (!(name in content.parameters)) throw invalidParameters(`the document has no parameter ${name}`);
  const effective: Record<string, readonly string[]> = {};
  for (const [name, definition] of Object.entries(content.parameters))
    effective[name] = checkedValue(name, definition, given[name]);
  return effective;
}

function checkedValue(
  name: string,
  definition: ParameterDefinition,
  given: readonly string[] | undefined,
): readonly string[] {
  if (given !== undefined) {
    check(name, definition, given);
    return given;
  }
  if (definition.default === undefined) throw invalidParameters(`the required parameter ${name} is missing`);
  return Array.isArray(definition.default) ? definition.default : [String(definition.default)];
}

function check(name: string, definition: ParameterDefinition, values: readonly string[]): void {
  if (definition.type !== "StringList" && values.length !== 1)
    throw invalidParameters(`the parameter ${name} takes exactly one value`);
  if (values.length < (definition.minItems ?? 0) || values.length > (definition.maxItems ?? Number.POSITIVE_INFINITY))
    throw invalidParameters(`the parameter ${name} has too few or too many values`);
  for (const value of values) checkValue(name, definition, value);
}

function checkValue(name: string, definition: ParameterDefinition, value: string): void {
  const { allowedPattern, allowedValues, minChars, maxChars } = definition;
  if (/\{\{\s*ssm(-secure)?:/.test(value))
    throw new AwsError("NotImplemented", "Parameter Store references in command parameters are not modelled here", 501);
  if (allowedPattern !== undefined && !new RegExp(allowedPattern).test(value))
    throw invalidParameters(`the value of ${name} doesn't match ${allowedPattern}`);
  if (allowedValues !== undefined && !allowedValues.includes(value))
    throw invalidParameters(`the value of ${name} isn't one of ${allowedValues.join(", ")}`);
  if (value.length < (minChars ?? 0) || value.length > (maxChars ?? Number.POSITIVE_INFINITY))
    throw invalidParameters(`the value of ${name} is too short or too long`);
}

const invalidParameters = (why: string): InvalidParameters =>
  new InvalidParameters({ message: `The parameters aren't valid for this document: ${why}.`, $metadata: {} });

/** Puts values where `{{ Name }}` stands. */
export function substitute(text: string, parameters: ParameterValues): string {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => parameters[name]?.join("\n") ?? whole);
}

/** Seconds that the document's steps may run. */
export function executionTimeoutOf(content: DocumentContent, parameters: ParameterValues): number {
  const total = content.steps.reduce(
    (sum, { timeoutSeconds }) => sum + Number(substitute(timeoutSeconds, parameters)),
    0,
  );
  if (!Number.isFinite(total) || total <= 0) throw invalidParameters("timeoutSeconds isn't a number of seconds");
  return total;
}
