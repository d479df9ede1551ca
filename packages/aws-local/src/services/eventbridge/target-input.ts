/** What a target is given: the whole event, a part of it, a constant, or a text made from a template. */
import type { InputTransformer, Target } from "@aws-sdk/client-eventbridge";
import { type BusEvent, wholeSeconds } from "./event.ts";

export interface MatchedBy {
  readonly arn: string;
  readonly name: string;
}

export function targetInput(target: Target, event: BusEvent, rule: MatchedBy, ingestedAt: number): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath) ?? null);
  if (target.InputTransformer !== undefined) return transformed(target.InputTransformer, event, rule, ingestedAt);
  return JSON.stringify(event);
}

/** Placeholders of a template that neither the paths nor EventBridge define. */
export function unknownPlaceholders(transformer: InputTransformer): string[] {
  const known = transformer.InputPathsMap ?? {};
  return [...(transformer.InputTemplate ?? "").matchAll(placeholder)]
    .map(([, name = ""]) => name)
    .filter((name) => !(name in known) && !reserved.has(name));
}

const placeholder = /<([\w.-]+)>/g;

const reserved: ReadonlySet<string> = new Set([
  "aws.events.rule-arn",
  "aws.events.rule-name",
  "aws.events.event.ingestion-time",
  "aws.events.event",
  "aws.events.event.json",
]);

function transformed(transformer: InputTransformer, event: BusEvent, rule: MatchedBy, ingestedAt: number): string {
  const { detail: _, ...withoutDetail } = event;
  const values = new Map<string, unknown>([
    ["aws.events.rule-arn", rule.arn],
    ["aws.events.rule-name", rule.name],
    ["aws.events.event.ingestion-time", wholeSeconds(ingestedAt)],
    ["aws.events.event", withoutDetail],
    ["aws.events.event.json", event],
  ]);
  for (const [name, path] of Object.entries(transformer.InputPathsMap ?? {})) values.set(name, valueAt(event, path));
  return filled(transformer.InputTemplate ?? "", values);
}

/**
 * A value inside a quoted text is written into it; anywhere else it is written as JSON, so a text gets its quotes
 * (EventBridge guide, "Input transformation"). A path that finds nothing leaves nothing.
 */
function filled(template: string, values: ReadonlyMap<string, unknown>): string {
  return template.replace(placeholder, (_, name: string, at: number) => {
    const value = values.get(name);
    if (value === undefined) return "";
    if (!insideQuotes(template, at)) return JSON.stringify(value);
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return JSON.stringify(text).slice(1, -1);
  });
}

function insideQuotes(template: string, at: number): boolean {
  return (template.slice(0, at).match(/(?<!\\)"/g) ?? []).length % 2 === 1;
}

/** The small part of JSONPath that EventBridge takes: `$.detail.state`, `$.resources[0]`, `$.detail['a-b']`. */
function valueAt(event: object, path: string): unknown {
  const steps = stepsOf(path);
  return steps?.reduce<unknown>((value, step) => memberOf(value, step), event);
}

/** Undefined where EventBridge would refuse the path. */
export function stepsOf(path: string): string[] | undefined {
  if (!/^\$(\.[^.[\]]+|\[\d+\]|\['[^']+'\])*$/.test(path)) return undefined;
  return [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    ([, member, index, quoted]) => member ?? index ?? quoted ?? "",
  );
}

function memberOf(value: unknown, step: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined;
}
