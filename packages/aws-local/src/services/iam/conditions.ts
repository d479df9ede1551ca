/** The Condition element: operators of the IAM guide, "IAM JSON policy elements: Condition operators". */
import { BlockList, isIP } from "node:net";
import { arnPattern } from "./arn.ts";
import { type Lookup, pattern } from "./glob.ts";

export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** How the condition came out, and whether it lacked a value of the request to look at. */
interface ConditionResult {
  readonly holds: boolean;
  readonly missing: boolean;
}

/** Undefined for an operator that IAM does not know. */
export function readOperator(name: string): Operator | undefined {
  const [, quantifier, base = "", ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const test = tests.get(base);
  if (test === undefined || (base === "Null" && (quantifier ?? ifExists) !== undefined)) return undefined;
  return {
    test,
    isNull: base === "Null",
    negated: negated.has(base),
    forAll: quantifier === "ForAllValues",
    forAny: quantifier === "ForAnyValue",
    ifExists: ifExists !== undefined,
  };
}

interface Operator {
  readonly test: Test;
  readonly isNull: boolean;
  readonly negated: boolean;
  readonly forAll: boolean;
  readonly forAny: boolean;
  readonly ifExists: boolean;
}

/** Does the request's value equal (are like, lie below…) the policy's value? Negation is done outside. */
type Test = (given: string, wanted: string, lookup: Lookup, variables: boolean) => boolean;

export function evaluateCondition(condition: Condition, lookup: Lookup, variables: boolean): ConditionResult {
  const operator = readOperator(condition.operator);
  if (operator === undefined) throw new Error(`no condition operator ${condition.operator}`);
  const given = lookup(condition.key);
  if (operator.isNull) return { holds: condition.values.includes(String(given === undefined)), missing: false };
  if (given === undefined) return { holds: whenMissing(operator), missing: !operator.ifExists };
  const accepted = (value: string): boolean =>
    condition.values.some((wanted) => operator.test(value, wanted, lookup, variables)) !== operator.negated;
  const all = operator.forAll || (operator.negated && !operator.forAny);
  return { holds: all ? given.every(accepted) : given.some(accepted), missing: false };
}

const whenMissing = ({ negated, forAll, forAny, ifExists }: Operator): boolean =>
  ifExists || forAll || (negated && !forAny);

// ---- The operators ------------------------------------------------------------------------------------------------

const stringEquals: Test = (given, wanted, lookup, variables) =>
  pattern(wanted, { variables, wildcards: false }).matches(given, lookup);

const stringEqualsIgnoreCase: Test = (given, wanted, lookup, variables) =>
  pattern(wanted, { variables, wildcards: false, ignoreCase: true }).matches(given, lookup);

const stringLike: Test = (given, wanted, lookup, variables) => pattern(wanted, { variables }).matches(given, lookup);

const arnLike: Test = (given, wanted, lookup, variables) => arnPattern(wanted, variables).matches(given, lookup);

const compared =
  (read: (text: string) => number, compare: (given: number, wanted: number) => boolean): Test =>
  (given, wanted) =>
    compare(read(given), read(wanted));

const number = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

/** ISO 8601, or seconds since the epoch. */
const date = (text: string): number => (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const ipAddress: Test = (given, wanted) => {
  const [address = "", bits] = wanted.split("/");
  const version = isIP(address);
  if (version === 0 || isIP(given) !== version) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const block = new BlockList();
  block.addSubnet(address, bits === undefined ? (version === 4 ? 32 : 128) : Number(bits), family);
  return block.check(given, family);
};

const caseless: Test = (given, wanted) => given.toLowerCase() === wanted.toLowerCase();

const comparisons: readonly [string, (given: number, wanted: number) => boolean][] = [
  ["Equals", (given, wanted) => given === wanted],
  ["NotEquals", (given, wanted) => given === wanted],
  ["LessThan", (given, wanted) => given < wanted],
  ["LessThanEquals", (given, wanted) => given <= wanted],
  ["GreaterThan", (given, wanted) => given > wanted],
  ["GreaterThanEquals", (given, wanted) => given >= wanted],
];

const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  ["StringEquals", stringEquals],
  ["StringNotEquals", stringEquals],
  ["StringEqualsIgnoreCase", stringEqualsIgnoreCase],
  ["StringNotEqualsIgnoreCase", stringEqualsIgnoreCase],
  ["StringLike", stringLike],
  ["StringNotLike", stringLike],
  ["ArnEquals", arnLike],
  ["ArnLike", arnLike],
  ["ArnNotEquals", arnLike],
  ["ArnNotLike", arnLike],
  ["Bool", caseless],
  ["BinaryEquals", (given, wanted) => given === wanted],
  ["IpAddress", ipAddress],
  ["NotIpAddress", ipAddress],
  ["Null", caseless],
  ...comparisons.map(([name, compare]): [string, Test] => [`Numeric${name}`, compared(number, compare)]),
  ...comparisons.map(([name, compare]): [string, Test] => [`Date${name}`, compared(date, compare)]),
]);

const negated: ReadonlySet<string> = new Set([...tests.keys()].filter((name) => name.includes("Not")));
