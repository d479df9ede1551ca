/** Reads a scenario or a policy in YAML or JSON, or says what is wrong with it so that it can be mended at night. */
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type * as z from "zod";
import { type PolicyChanges, policySchema } from "./policy.ts";
import { type Scenario, scenarioSchema } from "./schema.ts";
import { nonsenseIn } from "./sense.ts";

export type ScenarioRead =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface Problem {
  /** As `timeline[2].break.what`; empty for the whole text. */
  readonly path: string;
  readonly line: number | undefined;
  readonly found: string;
  readonly allowed: string;
}

type Path = readonly PropertyKey[];

interface Wrong {
  readonly path: Path;
  readonly allowed: string;
  readonly found?: string;
}

/** @param defaults the name it has when it names itself not: that of its file */
export function readScenario(text: string, defaults: { readonly name?: string } = {}): ScenarioRead {
  const read = readText(text, scenarioSchema, (given) => withName(given, defaults.name), nonsenseIn);
  return read.ok ? { ok: true, scenario: read.value } : read;
}

export type PolicyRead =
  | { readonly ok: true; readonly policy: PolicyChanges }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** What of a site's policy is to be another. */
export function readPolicy(text: string): PolicyRead {
  const read = readText(text, policySchema);
  return read.ok ? { ok: true, policy: read.value } : read;
}

type TextRead<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };

function readText<Value>(
  text: string,
  schema: z.ZodType<Value>,
  completed: (given: unknown) => unknown = (given) => given,
  nonsense: (value: Value) => readonly Wrong[] = () => [],
): TextRead<Value> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) return { ok: false, problems: document.errors.map(unreadable) };

  const given = completed(document.toJS());
  const result = schema.safeParse(given);
  const wrong: readonly Wrong[] = result.success ? nonsense(result.data) : result.error.issues.flatMap(wrongOf);
  if (result.success && wrong.length === 0) return { ok: true, value: result.data };
  const problems = wrong.map(({ path, allowed, found }) => ({
    path: inWriting(path),
    line: lineOf(document, lines, path),
    found: found ?? described(valueAt(given, path)),
    allowed,
  }));
  return { ok: false, problems };
}

/** One problem in one line: `line 7: timeline[0].break.what is "databse"; allowed: …`. */
export function problemInWords({ path, line, found, allowed }: Problem): string {
  const place = line === undefined ? "" : `line ${line}: `;
  return `${place}${path === "" ? "the scenario" : path} is ${found}; allowed: ${allowed}`;
}

function withName(given: unknown, name: string | undefined): unknown {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  return name === undefined || "name" in given ? given : { name, ...given };
}

/** A wrong key is a problem of its own: it stands where the key stands. */
function wrongOf(issue: z.core.$ZodIssue): Wrong[] {
  const keys = wrongKeys(issue);
  if (keys.length === 0) return [{ path: issue.path, allowed: issue.message }];
  return keys.map((key) => ({ path: [...issue.path, key], found: "not a key here", allowed: issue.message }));
}

function wrongKeys(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === "unrecognized_keys") return issue.keys;
  const keys: unknown = issue.code === "custom" ? issue.params?.["keys"] : undefined;
  return Array.isArray(keys) ? keys.map(String) : [];
}

function unreadable(error: Document["errors"][number]): Problem {
  const [what = ""] = error.message.split(/ at line | ?\n/);
  return { path: "", line: error.linePos?.[0].line, found: `not YAML: ${what}`, allowed: "YAML, or JSON" };
}

/** The line of the innermost part that is there: what is missing has none of its own. */
function lineOf(document: Document, lines: LineCounter, path: Path): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function valueAt(given: unknown, path: Path): unknown {
  let value = given;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

function described(value: unknown): string {
  if (value === undefined || value === null) return "missing";
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

const inWriting = (path: Path): string =>
  path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`))
    .join("");
