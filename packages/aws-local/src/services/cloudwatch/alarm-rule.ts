/** The rule of a composite alarm: `ALARM("cpu") AND NOT (OK(network) OR INSUFFICIENT_DATA(disk))`, TRUE, FALSE. */
import type { StateValue } from "@aws-sdk/client-cloudwatch";
import { notModelled, validationError } from "./validation.ts";

export interface AlarmRule {
  readonly text: string;
  /** Names of the alarms that it speaks of. */
  readonly children: readonly string[];
  holds(stateOf: (alarmName: string) => StateValue | undefined): boolean;
}

type Node = AlarmRule["holds"];

export function readAlarmRule(text: string): AlarmRule {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/g) ?? [];
  const children = new Set<string>();
  let at = 0;

  const peek = (): string | undefined => tokens[at];

  function take(expected?: string): string {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected))
      throw validationError(`AlarmRule must not contain syntax errors near '${token ?? "end of rule"}'`);
    return token;
  }

  function either(): Node {
    let left = both();
    while (peek() === "OR") left = joined(take(), left, both());
    return left;
  }

  function both(): Node {
    let left = not();
    while (peek() === "AND") left = joined(take(), left, not());
    return left;
  }

  function not(): Node {
    if (peek() !== "NOT") return primary();
    take();
    const inner = not();
    return (stateOf) => !inner(stateOf);
  }

  function primary(): Node {
    const token = take();
    if (token === "TRUE" || token === "FALSE") return () => token === "TRUE";
    if (token === "AT_LEAST") notModelled("AT_LEAST in an AlarmRule", token);
    if (token === "(") {
      const inner = either();
      take(")");
      return inner;
    }
    if (!isState(token)) throw validationError(`AlarmRule must not contain syntax errors near '${token}'`);
    take("(");
    const name = alarmName(take());
    take(")");
    children.add(name);
    return (stateOf) => stateOf(name) === token;
  }

  const holds = either();
  if (at < tokens.length) throw validationError(`AlarmRule must not contain syntax errors near '${peek()}'`);
  return { text, children: [...children], holds };
}

const joined = (operator: string, left: Node, right: Node): Node =>
  operator === "AND" ? (stateOf) => left(stateOf) && right(stateOf) : (stateOf) => left(stateOf) || right(stateOf);

const isState = (token: string): token is StateValue => ["ALARM", "OK", "INSUFFICIENT_DATA"].includes(token);

/** Quoted or plain, a name or an ARN. */
export function alarmName(token: string): string {
  const plain = token.startsWith('"') ? token.slice(1, -1).replace(/\\(.)/g, "$1") : token;
  return plain.replace(/^arn:aws:cloudwatch:[^:]+:\d{12}:alarm:/, "");
}
