/** Operations on rules. */
import * as sdk from "@aws-sdk/client-eventbridge";
import type { Surroundings } from "../../region.ts";
import type { Operations } from "../../service.ts";
import { page } from "./paging.ts";
import { type EventPattern, eventPattern, InvalidPattern } from "./pattern.ts";
import { type Bus, type Registry, type Rule, ruleArn } from "./registry.ts";
import { readSchedule, type Schedule } from "./schedule.ts";
import { notModelled, validationException } from "./validation.ts";

/** Quota "Rules" of the EventBridge guide. */
const mostRules = 300;

export function ruleOperations(
  surroundings: Surroundings,
  registry: Registry,
  scheduler: { reschedule(rule: Rule): void },
) {
  function rulesOf(busName: string | undefined, namePrefix: string | undefined): Rule[] {
    return [...registry.bus(busName).rules.values()]
      .filter(({ name }) => name.startsWith(namePrefix ?? ""))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  function setEnabled(name: string, busName: string | undefined, enabled: boolean): void {
    const rule = registry.rule(name, busName);
    rule.enabled = enabled;
    scheduler.reschedule(rule);
  }

  return {
    PutRule(input) {
      notModelled("RoleArn of a rule", input.RoleArn);
      if (input.State === "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") notModelled(input.State, input.State);
      const bus = registry.bus(input.EventBusName);
      const pattern = input.EventPattern === undefined ? undefined : validPattern(input.EventPattern);
      const schedule = validSchedule(input.ScheduleExpression, bus);
      if (pattern === undefined && schedule === undefined)
        throw validationException("Parameter(s) EventPattern or ScheduleExpression must be specified.");
      const existing = bus.rules.get(input.Name);
      const rule = existing ?? newRule(surroundings, bus, input.Name);
      // A second PutRule replaces the whole rule, though not its targets and tags (API reference, PutRule).
      Object.assign(rule, { pattern, schedule, description: input.Description, enabled: input.State !== "DISABLED" });
      if (existing === undefined)
        for (const { Key, Value } of input.Tags ?? []) registry.tags(rule.arn).set(Key, Value);
      scheduler.reschedule(rule);
      return { RuleArn: rule.arn };
    },

    DescribeRule({ Name, EventBusName }) {
      return { ...described(registry.rule(Name, EventBusName)), CreatedBy: surroundings.account };
    },

    ListRules(input) {
      const { items, nextToken } = page(
        rulesOf(input.EventBusName, input.NamePrefix),
        ({ name }) => name,
        input.Limit ?? 100,
        input.NextToken,
      );
      return { Rules: items.map(described), NextToken: nextToken };
    },

    EnableRule({ Name, EventBusName }) {
      setEnabled(Name, EventBusName, true);
      return {};
    },

    DisableRule({ Name, EventBusName }) {
      setEnabled(Name, EventBusName, false);
      return {};
    },

    DeleteRule({ Name, EventBusName }) {
      const bus = registry.bus(EventBusName);
      const rule = bus.rules.get(Name);
      if (rule === undefined) return {};
      if (rule.targets.size > 0) throw validationException("Rule can't be deleted since it has targets.");
      registry.tags(rule.arn).clear();
      bus.rules.delete(Name);
      rule.enabled = false;
      scheduler.reschedule(rule);
      return {};
    },

    ListRuleNamesByTarget(input) {
      const names = rulesOf(input.EventBusName, undefined)
        .filter(({ targets }) => [...targets.values()].some(({ Arn }) => Arn === input.TargetArn))
        .map(({ name }) => name);
      const { items, nextToken } = page(names, String, input.Limit ?? 100, input.NextToken);
      return { RuleNames: items, NextToken: nextToken };
    },

    TestEventPattern(input) {
      return { Result: validPattern(input.EventPattern).matches(validEvent(input.Event)) };
    },
  } satisfies Operations<typeof sdk>;
}

function newRule(surroundings: Surroundings, bus: Bus, name: string): Rule {
  if (bus.rules.size >= mostRules)
    throw new sdk.LimitExceededException({
      message: "The requested resource exceeds the maximum number allowed.",
      $metadata: {},
    });
  const rule: Rule = {
    name,
    arn: ruleArn(surroundings, bus.name, name),
    busName: bus.name,
    targets: new Map(),
    pattern: undefined,
    schedule: undefined,
    description: undefined,
    enabled: true,
    timer: undefined,
  };
  bus.rules.set(name, rule);
  return rule;
}

function validPattern(text: string): EventPattern {
  try {
    return eventPattern(text);
  } catch (error) {
    if (error instanceof InvalidPattern)
      throw new sdk.InvalidEventPatternException({ message: error.message, $metadata: {} });
    throw error;
  }
}

function validSchedule(expression: string | undefined, bus: Bus): Schedule | undefined {
  if (expression === undefined || expression === "") return undefined;
  if (bus.name !== "default")
    throw validationException("ScheduleExpression is supported only on the default event bus.");
  const schedule = readSchedule(expression);
  if (schedule === undefined) throw validationException("Parameter ScheduleExpression is not valid.");
  return schedule;
}

/** Members without which TestEventPattern refuses an event (API reference, TestEventPattern). */
const mandatory = ["id", "account", "source", "time", "region", "resources", "detail-type"];

function validEvent(text: string): object {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    throw validationException("Parameter Event is not valid.");
  }
  if (typeof event !== "object" || event === null || mandatory.some((member) => !Object.hasOwn(event, member)))
    throw validationException("Parameter Event is not valid.");
  return event;
}

const described = (rule: Rule) => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.pattern?.text,
  ScheduleExpression: rule.schedule?.expression,
  State: rule.enabled ? ("ENABLED" as const) : ("DISABLED" as const),
  Description: rule.description,
  EventBusName: rule.busName,
});
