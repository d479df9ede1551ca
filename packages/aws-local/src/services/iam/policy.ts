/** Reads a policy document into statements that can be asked, and refuses what IAM refuses. */
import { arnPattern } from "./arn.ts";
import { type Condition, readOperator } from "./conditions.ts";
import { type Pattern, pattern } from "./glob.ts";

export interface Policy {
  /** As SimulatePrincipalPolicy names it. */
  readonly id: string;
  readonly variables: boolean;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  /** Action or NotAction. */
  readonly actions: Element<Pattern>;
  /** Resource or NotResource; undefined in a trust policy. */
  readonly resources: Element<Pattern> | undefined;
  /** Principal or NotPrincipal; undefined in an identity-based policy. */
  readonly principals: Element<PrincipalPattern> | undefined;
  readonly conditions: readonly Condition[];
}

export interface Element<T> {
  readonly not: boolean;
  readonly patterns: readonly T[];
}

export interface PrincipalPattern {
  /** `AWS`, `Service`, `Federated`, or `*` for everyone. */
  readonly type: string;
  readonly value: string;
}

/** The document is refused; `message` is IAM's. */
export class MalformedPolicy extends Error {}

export function readPolicy(text: string, id: string): Policy {
  const document = record(parse(text), "Syntax errors in policy.");
  const variables = document["Version"] === "2012-10-17";
  const statements = oneOrMany(document["Statement"]);
  if (statements.length === 0) throw new MalformedPolicy("Syntax errors in policy.");
  return { id, variables, statements: statements.map((statement) => readStatement(statement, variables)) };
}

function readStatement(value: unknown, variables: boolean): Statement {
  const statement = record(value, "Syntax errors in policy.");
  const effect = statement["Effect"];
  if (effect !== "Allow" && effect !== "Deny") throw new MalformedPolicy("Policy statement must contain Effect.");
  const actions = readElement(statement, "Action", (text) => pattern(text, { variables, ignoreCase: true }));
  if (actions === undefined) throw new MalformedPolicy("Policy statement must contain actions.");
  return {
    sid: typeof statement["Sid"] === "string" ? statement["Sid"] : undefined,
    effect,
    actions,
    resources: readElement(statement, "Resource", (text) => arnPattern(text, variables)),
    principals: readPrincipals(statement),
    conditions: readConditions(statement["Condition"]),
  };
}

function readElement<T>(
  statement: Readonly<Record<string, unknown>>,
  name: string,
  read: (text: string) => T,
): Element<T> | undefined {
  const plain = statement[name];
  const not = statement[`Not${name}`];
  if (plain !== undefined && not !== undefined) throw new MalformedPolicy("Syntax errors in policy.");
  if (plain === undefined && not === undefined) return undefined;
  return { not: not !== undefined, patterns: texts(plain ?? not).map(read) };
}

function readPrincipals(statement: Readonly<Record<string, unknown>>): Element<PrincipalPattern> | undefined {
  const plain = statement["Principal"];
  const not = statement["NotPrincipal"];
  if (plain === undefined && not === undefined) return undefined;
  return { not: not !== undefined, patterns: principalPatterns(plain ?? not) };
}

function principalPatterns(value: unknown): PrincipalPattern[] {
  if (value === "*") return [{ type: "*", value: "*" }];
  const byType = record(value, "Invalid principal in policy.");
  return Object.entries(byType).flatMap(([type, values]) => texts(values).map((one) => ({ type, value: one })));
}

function readConditions(value: unknown): Condition[] {
  if (value === undefined) return [];
  return Object.entries(record(value, "Syntax errors in policy.")).flatMap(([operator, keys]) => {
    if (readOperator(operator) === undefined) throw new MalformedPolicy(`Invalid Condition type : ${operator}.`);
    return Object.entries(record(keys, "Syntax errors in policy.")).map(([key, values]) => ({
      operator,
      key,
      values: oneOrMany(values).map(String),
    }));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedPolicy("This policy contains invalid Json");
  }
}

function record(value: unknown, refusal: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new MalformedPolicy(refusal);
  return Object.fromEntries(Object.entries(value));
}

function texts(value: unknown): string[] {
  return oneOrMany(value).map((one) => {
    if (typeof one !== "string") throw new MalformedPolicy("Syntax errors in policy.");
    return one;
  });
}

function oneOrMany(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
