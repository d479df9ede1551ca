import {
  InvalidEventPatternException,
  LimitExceededException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from "@aws-sdk/client-eventbridge";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../src/aws-error.ts";
import { functionArn, queueArn, world } from "./neighbours.ts";

const refusal = (message: string) => new AwsError("ValidationException", message);

describe("rules", () => {
  it("are described as they were put, and replaced by a second PutRule, though not their targets", async () => {
    const { events, rule } = world();
    await rule("one", { source: ["a"] });
    await events.PutRule({ Name: "one", EventPattern: '{"source":["b"]}', State: "DISABLED", Description: "d" });
    expect(await events.DescribeRule({ Name: "one" })).toMatchObject({
      CreatedBy: "123456789012",
      Name: "one",
      Arn: "arn:aws:events:eu-west-1:123456789012:rule/one",
      EventPattern: '{"source":["b"]}',
      State: "DISABLED",
      Description: "d",
      EventBusName: "default",
    });
    expect(await events.ListTargetsByRule({ Rule: "one" })).toMatchObject({ Targets: [{ Id: "1" }] });
  });

  it("need a pattern or a schedule, and a pattern that can be read", async () => {
    const { events } = world();
    await expect(events.PutRule({ Name: "one" })).rejects.toThrow(
      refusal("Parameter(s) EventPattern or ScheduleExpression must be specified."),
    );
    await expect(events.PutRule({ Name: "one", EventPattern: '{"source":"x"}' })).rejects.toThrow(
      new InvalidEventPatternException({
        message: 'Event pattern is not valid. Reason: "source" must be an object or an array',
        $metadata: {},
      }),
    );
  });

  it("are listed by prefix, page by page, and by target", async () => {
    const { events, rule } = world();
    for (const name of ["a1", "a2", "a3", "b1"]) await rule(name, { source: ["x"] });
    const first = await events.ListRules({ NamePrefix: "a", Limit: 2 });
    expect(first.Rules?.map(({ Name }) => Name)).toEqual(["a1", "a2"]);
    const second = await events.ListRules({ NamePrefix: "a", Limit: 2, NextToken: first.NextToken });
    expect(second.Rules?.map(({ Name }) => Name)).toEqual(["a3"]);
    expect(second.NextToken).toBeUndefined();
    expect(await events.ListRuleNamesByTarget({ TargetArn: queueArn("lane") })).toMatchObject({
      RuleNames: ["a1", "a2", "a3", "b1"],
    });
    expect(await events.ListRuleNamesByTarget({ TargetArn: functionArn })).toMatchObject({ RuleNames: [] });
  });

  it("can be deleted once their targets are removed", async () => {
    const { events, rule } = world();
    await rule("one", { source: ["a"] });
    await expect(events.DeleteRule({ Name: "one" })).rejects.toThrow(
      refusal("Rule can't be deleted since it has targets."),
    );
    await events.RemoveTargets({ Rule: "one", Ids: ["1"] });
    await events.DeleteRule({ Name: "one" });
    await expect(events.DescribeRule({ Name: "one" })).rejects.toThrow(
      new ResourceNotFoundException({ message: "Rule one does not exist on EventBus default.", $metadata: {} }),
    );
  });

  it("have at most five targets", async () => {
    const { events, rule } = world();
    await rule("one", { source: ["a"] });
    const targets = ["2", "3", "4", "5"].map((Id) => ({ Id, Arn: queueArn(Id) }));
    await events.PutTargets({ Rule: "one", Targets: targets });
    await expect(events.PutTargets({ Rule: "one", Targets: [{ Id: "6", Arn: queueArn("6") }] })).rejects.toBeInstanceOf(
      LimitExceededException,
    );
  });

  it("refuse targets that are not modelled, loudly", async () => {
    const { events, rule } = world();
    await rule("one", { source: ["a"] });
    const target = { Id: "2", Arn: "arn:aws:states:eu-west-1:123456789012:stateMachine:x" };
    await expect(events.PutTargets({ Rule: "one", Targets: [target] })).rejects.toMatchObject({
      code: "NotImplemented",
    });
  });

  it("check a target's FIFO group, inputs and dead-letter queue", async () => {
    const { events, rule } = world();
    await rule("one", { source: ["a"] });
    const put = (target: object) =>
      events.PutTargets({ Rule: "one", Targets: [{ Id: "2", Arn: queueArn("q"), ...target }] });
    await expect(put({ Arn: queueArn("q.fifo") })).rejects.toThrow("SqsParameters must be specified for target: 2");
    await expect(put({ Input: "{}", InputPath: "$.detail" })).rejects.toThrow("Only one of Input, InputPath");
    await expect(put({ Input: "{" })).rejects.toThrow("Invalid Input for target 2");
    await expect(put({ InputTransformer: { InputTemplate: '"<x>"' } })).rejects.toThrow("invalid placeholder x");
    await expect(put({ DeadLetterConfig: { Arn: queueArn("d.fifo") } })).rejects.toThrow("must be a standard queue");
    await expect(put({ Arn: "queue" })).rejects.toThrow("Provided Arn is not in correct format");
  });

  it("carry tags", async () => {
    const { events, rule } = world();
    const ResourceARN = await rule("one", { source: ["a"] });
    await events.TagResource({ ResourceARN, Tags: [{ Key: "site", Value: "moodle" }] });
    expect(await events.ListTagsForResource({ ResourceARN })).toEqual({ Tags: [{ Key: "site", Value: "moodle" }] });
    await events.UntagResource({ ResourceARN, TagKeys: ["site"] });
    expect(await events.ListTagsForResource({ ResourceARN })).toEqual({ Tags: [] });
    await expect(events.ListTagsForResource({ ResourceARN: `${ResourceARN}x` })).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });
});

describe("buses", () => {
  it("keep their events apart, found by name or ARN", async () => {
    const { events, clock, delivered } = world();
    const { EventBusArn = "" } = await events.CreateEventBus({ Name: "warden" });
    expect(EventBusArn).toBe("arn:aws:events:eu-west-1:123456789012:event-bus/warden");
    const rule = { Name: "one", EventPattern: '{"source":["warden"]}', EventBusName: "warden" };
    expect(await events.PutRule(rule)).toEqual({ RuleArn: "arn:aws:events:eu-west-1:123456789012:rule/warden/one" });
    await events.PutTargets({ Rule: "one", EventBusName: EventBusArn, Targets: [{ Id: "1", Arn: queueArn("lane") }] });
    const entry = { Source: "warden", DetailType: "Test", Detail: "{}" };
    await events.PutEvents({ Entries: [entry] });
    await clock.advance(1000);
    expect(delivered).toHaveLength(0);
    await events.PutEvents({
      Entries: [
        { ...entry, EventBusName: EventBusArn },
        { ...entry, EventBusName: "warden" },
      ],
    });
    await clock.advance(1000);
    expect(delivered).toHaveLength(2);
  });

  it("are created once, listed, and deleted when empty; the default bus stays", async () => {
    const { events } = world();
    await events.CreateEventBus({ Name: "warden" });
    await expect(events.CreateEventBus({ Name: "warden" })).rejects.toBeInstanceOf(ResourceAlreadyExistsException);
    expect((await events.ListEventBuses({})).EventBuses?.map(({ Name }) => Name)).toEqual(["default", "warden"]);
    await expect(events.DeleteEventBus({ Name: "default" })).rejects.toThrow("Cannot delete event bus default.");
    await events.DeleteEventBus({ Name: "warden" });
    await expect(events.DescribeEventBus({ Name: "warden" })).rejects.toThrow("Event bus warden does not exist.");
  });

  it("take schedules on the default bus only", async () => {
    const { events } = world();
    await events.CreateEventBus({ Name: "warden" });
    await expect(
      events.PutRule({ Name: "one", EventBusName: "warden", ScheduleExpression: "rate(1 minute)" }),
    ).rejects.toThrow("ScheduleExpression is supported only on the default event bus.");
  });
});

describe("PutEvents", () => {
  it("judges each entry by itself", async () => {
    const { events } = world();
    const good = { Source: "warden", DetailType: "Test", Detail: "{}" };
    const { FailedEntryCount, Entries } = await events.PutEvents({
      Entries: [
        good,
        { ...good, Source: "aws.autoscaling" },
        { ...good, Detail: "[1]" },
        { ...good, Detail: "{" },
        { DetailType: "Test", Detail: "{}" },
        { Source: "warden", Detail: "{}" },
      ],
    });
    expect(FailedEntryCount).toBe(5);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      "NotAuthorizedForSourceException",
      "MalformedDetail",
      "MalformedDetail",
      "InvalidArgument",
      "InvalidArgument",
    ]);
    expect(Entries?.[0]?.EventId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("takes at most ten entries and 256 KB", async () => {
    const { events } = world();
    const entry = { Source: "warden", DetailType: "Test", Detail: "{}" };
    await expect(events.PutEvents({ Entries: Array.from({ length: 11 }, () => entry) })).rejects.toThrow(
      "Member must have length less than or equal to 10",
    );
    const big = { ...entry, Detail: JSON.stringify({ text: "x".repeat(262_144) }) };
    await expect(events.PutEvents({ Entries: [big] })).rejects.toThrow(
      "Total size of the entries in the request is over the limit.",
    );
  });
});

describe("TestEventPattern", () => {
  it("answers for an event with all mandatory members", async () => {
    const { events } = world();
    const event = { id: "1", account: "1", source: "x", time: "t", region: "r", resources: [], "detail-type": "d" };
    const ask = (pattern: string, given: object) =>
      events.TestEventPattern({ EventPattern: pattern, Event: JSON.stringify(given) });
    expect(await ask('{"source":["x"]}', event)).toEqual({ Result: true });
    expect(await ask('{"source":["y"]}', event)).toEqual({ Result: false });
    await expect(ask('{"source":["y"]}', { source: "x" })).rejects.toThrow("Parameter Event is not valid.");
  });
});

describe("schedules", () => {
  it("send a Scheduled Event each minute to the rule's own targets", async () => {
    const { events, clock, bodies } = world();
    const { RuleArn } = await events.PutRule({ Name: "sweep", ScheduleExpression: "rate(1 minute)" });
    await events.PutTargets({ Rule: "sweep", Targets: [{ Id: "1", Arn: functionArn }] });
    await clock.advance(3 * 60_000 + 100);
    expect(bodies()).toHaveLength(3);
    expect(bodies()[0]).toMatchObject({
      source: "aws.events",
      "detail-type": "Scheduled Event",
      resources: [RuleArn],
      detail: {},
      time: "2026-01-05T12:01:00Z",
    });
  });

  it("stop while the rule is disabled and when it is gone", async () => {
    const { events, clock, delivered } = world();
    await events.PutRule({ Name: "sweep", ScheduleExpression: "rate(1 minute)" });
    await events.PutTargets({ Rule: "sweep", Targets: [{ Id: "1", Arn: functionArn }] });
    await events.DisableRule({ Name: "sweep" });
    await clock.advance(600_000);
    expect(delivered).toHaveLength(0);
    await events.EnableRule({ Name: "sweep" });
    await events.RemoveTargets({ Rule: "sweep", Ids: ["1"] });
    await events.DeleteRule({ Name: "sweep" });
    await clock.advance(600_000);
    expect(delivered).toHaveLength(0);
  });

  it.each([
    "rate(1 minutes)",
    "rate(2 minute)",
    "rate(0 minutes)",
    "every minute",
    "cron(* * * * *)",
    "cron(0 10 * * * *)",
  ])("refuse %s", async (ScheduleExpression) => {
    const { events } = world();
    await expect(events.PutRule({ Name: "one", ScheduleExpression })).rejects.toThrow(
      refusal("Parameter ScheduleExpression is not valid."),
    );
  });
});
