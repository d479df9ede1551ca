/**
 * Do these policies allow this request? Pure. An explicit deny wins over every allow, and what nothing allows is
 * denied (IAM guide, "Policy evaluation logic").
 */
import { evaluateCondition } from "./conditions.ts";
import type { Lookup, Pattern } from "./glob.ts";
import type { Element, Policy, PrincipalPattern, Statement } from "./policy.ts";

export interface Request {
  readonly action: string;
  readonly resource: string;
  /** Asked for only when a statement has a condition or a variable. */
  readonly context: Context;
  /** Who asks, where a policy names principals. */
  readonly principal?: RequestPrincipal;
}

export type Context = Readonly<Record<string, string | readonly string[]>>;

interface RequestPrincipal {
  readonly type: "AWS" | "Service";
  /** An ARN, or `events.amazonaws.com`. */
  readonly value: string;
}

export type Decision = "allowed" | "explicitDeny" | "implicitDeny";

export interface Evaluation {
  readonly decision: Decision;
  /** The statements that decided. */
  readonly matched: readonly { readonly policy: Policy; readonly statement: Statement }[];
  /** Condition keys that a statement asked for and the request did not have. */
  readonly missingContext: readonly string[];
}

export function evaluate(policies: readonly Policy[], request: Request): Evaluation {
  const lookup = lookupIn(request);
  const missing = new Set<string>();
  const matched = policies.flatMap((policy) =>
    policy.statements
      .filter((statement) => applies(statement, request, lookup) && conditionsHold(policy, statement, lookup, missing))
      .map((statement) => ({ policy, statement })),
  );
  const denying = matched.filter(({ statement }) => statement.effect === "Deny");
  const decision = denying.length > 0 ? "explicitDeny" : matched.length > 0 ? "allowed" : "implicitDeny";
  return { decision, matched: denying.length > 0 ? denying : matched, missingContext: [...missing] };
}

function applies(statement: Statement, request: Request, lookup: Lookup): boolean {
  return (
    covers(statement.actions, (pattern) => pattern.matches(request.action, lookup)) &&
    coversResource(statement.resources, request.resource, lookup) &&
    (statement.principals === undefined || coversPrincipal(statement.principals, request.principal))
  );
}

/** All conditions are looked at, so that every missing key is reported. */
function conditionsHold(policy: Policy, statement: Statement, lookup: Lookup, missing: Set<string>): boolean {
  const results = statement.conditions.map((condition) => {
    const result = evaluateCondition(condition, lookup, policy.variables);
    if (result.missing) missing.add(condition.key);
    return result.holds;
  });
  return results.every((holds) => holds);
}

function coversResource(resources: Element<Pattern> | undefined, resource: string, lookup: Lookup): boolean {
  return resources === undefined || covers(resources, (pattern) => pattern.matches(resource, lookup));
}

function coversPrincipal(principals: Element<PrincipalPattern>, principal: RequestPrincipal | undefined): boolean {
  if (principal === undefined) return false;
  return covers(principals, ({ type, value }) => {
    if (value === "*") return type === "*" || type === principal.type;
    return type === principal.type && (value === principal.value || isAccountOf(value, principal));
  });
}

/** `123456789012` and `arn:aws:iam::123456789012:root` both stand for everyone of the account. */
function isAccountOf(value: string, { type, value: arn }: RequestPrincipal): boolean {
  const [, account] = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(value) ?? [];
  return type === "AWS" && account !== undefined && arn.split(":")[4] === account;
}

function covers<T>(element: Element<T>, matches: (pattern: T) => boolean): boolean {
  return element.patterns.some(matches) !== element.not;
}

/** Names of condition keys are compared without regard to case. Most requests meet no statement that asks for any. */
function lookupIn(request: Request): Lookup {
  let values: Map<string, readonly string[]> | undefined;
  return (key) => {
    values ??= new Map(
      Object.entries(request.context).map(([name, value]) => [
        name.toLowerCase(),
        typeof value === "string" ? [value] : value,
      ]),
    );
    return values.get(key.toLowerCase());
  };
}
