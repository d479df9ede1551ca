/** Reads YAML or JSON against a schema, or says what is wrong with it so that it can be mended at night. */
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type * as z from "zod";

export type ReadText<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface Problem {
  /** As `timeline[2].break.what`; empty for the whole text. */
  readonly path: string;
  readonly line: number | undefined;
  readonly found: string;
  readonly allowed: string;
}

/** What each part allows by itself, but all together do not. */
export interface Nonsense {
  readonly path: readonly (string | number)[];
  readonly allowed: string;
  /** Where the value alone does not say what is wrong. */
  readonly found?: string;
}

export interface Reading<Value> {
  readonly schema: z.ZodType<Value>;
  /** Puts in what is known from elsewhere, before the schema looks. */
  readonly completed?: (given: unknown) => unknown;
  /** Looked for once the schema holds. */
  readonly nonsense?: (value: Value) => readonly Nonsense[];
}

type Path = readonly PropertyKey[];

interface Wrong {
  readonly path: Path;
  readonly allowed: string;
  readonly found?: string;
}

/** @param text YAML, or JSON, which is YAML */
export function readText<Value>(text: string, reading: Reading<Value>): ReadText<Value> {
  const { schema, completed = (given: unknown) => given, nonsense = () => [] } = reading;
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
  return `${place}${path === "" ? "the file" : path} is ${found}; allowed: ${allowed}`;
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
