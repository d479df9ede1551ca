import { QueueDoesNotExist } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../src/aws-error.ts";
import { functionArn, queueArn, topicArn, world } from "./neighbours.ts";

const lifecycleEvent = {
  source: "aws.autoscaling",
  detailType: "EC2 Instance-launch Lifecycle Action",
  resources: ["arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:1:autoScalingGroupName/moodle"],
  detail: { EC2InstanceId: "i-1", LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" },
} as const;

describe("delivery", () => {
  it("gives every event all of version, id, detail-type, source, account, time, region, resources and detail (aws-semantics 3.4)", async () => {
    const { rule, intake, clock, bodies } = world();
    await rule("launch", { source: ["aws.autoscaling"] });
    intake.emit(lifecycleEvent);
    await clock.advance(100);
    expect(bodies()).toEqual([
      {
        version: "0",
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        "detail-type": "EC2 Instance-launch Lifecycle Action",
        source: "aws.autoscaling",
        account: "123456789012",
        time: "2026-01-05T12:00:00Z",
        region: "eu-west-1",
        resources: lifecycleEvent.resources,
        detail: lifecycleEvent.detail,
      },
    ]);
  });

  it("takes the time that events take, acting for the rule", async () => {
    const { rule, intake, clock, delivered } = world();
    const arn = await rule("launch", { source: ["aws.autoscaling"] });
    intake.emit(lifecycleEvent);
    await clock.advance(99);
    expect(delivered).toHaveLength(0);
    await clock.advance(1);
    expect(delivered).toMatchObject([
      { arn: queueArn("lane"), from: { service: "events.amazonaws.com", sourceArn: arn } },
    ]);
    expect(arn).toBe("arn:aws:events:eu-west-1:123456789012:rule/launch");
  });

  it("reaches queue, topic and function of every rule that matches", async () => {
    const { events, rule, putEvent, clock, delivered } = world();
    await rule("one", { source: ["warden"] });
    await rule("two", { detail: { n: [1] } }, { Arn: functionArn });
    await events.PutTargets({ Rule: "two", Targets: [{ Id: "2", Arn: topicArn }] });
    await rule("three", { detail: { n: [2] } });
    await putEvent({ n: 1 });
    await clock.advance(1000);
    expect(delivered.map(({ arn }) => arn).sort()).toEqual([functionArn, topicArn, queueArn("lane")].sort());
  });

  it("leaves a disabled rule out", async () => {
    const { events, rule, putEvent, clock, delivered } = world();
    await rule("one", { source: ["warden"] });
    await events.DisableRule({ Name: "one" });
    await putEvent({});
    await clock.advance(1000);
    expect(delivered).toHaveLength(0);
    await events.EnableRule({ Name: "one" });
    await putEvent({});
    await clock.advance(1000);
    expect(delivered).toHaveLength(1);
  });

  it("names the message group for a FIFO queue", async () => {
    const { rule, putEvent, clock, delivered } = world();
    await rule("one", { source: ["warden"] }, { Arn: queueArn("q.fifo"), SqsParameters: { MessageGroupId: "site" } });
    await putEvent({});
    await clock.advance(1000);
    expect(delivered[0]?.extras).toEqual({ messageGroupId: "site" });
  });

  it("gives a constant, a part, or a filled template instead of the event", async () => {
    const { rule, putEvent, clock, bodies } = world();
    await rule("constant", { source: ["warden"] }, { Input: '{"fixed":true}' });
    await rule("part", { source: ["warden"] }, { InputPath: "$.detail.state" });
    await rule(
      "template",
      { source: ["warden"] },
      {
        InputTransformer: {
          InputPathsMap: { state: "$.detail.state", all: "$.detail" },
          InputTemplate: '{"text":"is <state> by <aws.events.rule-name>","state":<state>,"all":<all>}',
        },
      },
    );
    await putEvent({ state: 'a "b"' });
    await clock.advance(1000);
    expect(bodies()).toEqual([
      { fixed: true },
      'a "b"',
      { text: 'is a "b" by template', state: 'a "b"', all: { state: 'a "b"' } },
    ]);
  });
});

describe("retries", () => {
  const busy = () => new AwsError("ServiceUnavailable", "busy", 503);

  it("tries for 24 hours and 185 times, then drops the event (aws-semantics 3.8)", async () => {
    const { rule, putEvent, clock, failures, failedInvocations } = world();
    const arn = await rule("one", { source: ["warden"] });
    let attempts = 0;
    failures.set(queueArn("lane"), () => {
      attempts++;
      return busy();
    });
    await putEvent({});
    await clock.advance(20 * 3_600_000);
    expect(failedInvocations(arn)).toBe(0);
    await clock.advance(5 * 3_600_000);
    expect(failedInvocations(arn)).toBe(1);
    expect(attempts).toBeGreaterThan(150);
    expect(attempts).toBeLessThanOrEqual(186);
  });

  it("waits longer each time, and never the same (aws-semantics 3.8)", async () => {
    const { rule, putEvent, clock, failures } = world();
    await rule("one", { source: ["warden"] });
    const times: number[] = [];
    failures.set(queueArn("lane"), () => {
      times.push(clock.now());
      return times.length > 6 ? undefined : busy();
    });
    await putEvent({});
    await clock.advance(3_600_000);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toHaveLength(6);
    expect(waits.at(-1)).toBeGreaterThan(10_000);
    expect(waits.every((wait, index) => wait <= 1000 * 2 ** index && wait >= 500 * 2 ** index)).toBe(true);
  });

  it("tells a dead-letter queue the rule, the target, the error and how it gave up (aws-semantics 3.8)", async () => {
    const { rule, putEvent, clock, failures, delivered } = world();
    const arn = await rule(
      "one",
      { source: ["warden"] },
      {
        RetryPolicy: { MaximumRetryAttempts: 2 },
        DeadLetterConfig: { Arn: queueArn("dead") },
      },
    );
    failures.set(queueArn("lane"), busy);
    await putEvent({ n: 7 });
    await clock.advance(3_600_000);
    expect(delivered).toHaveLength(1);
    expect(JSON.parse(delivered[0]?.body ?? "")).toMatchObject({ detail: { n: 7 } });
    expect(delivered[0]).toMatchObject({ arn: queueArn("dead"), from: { sourceArn: arn } });
    expect(delivered[0]?.extras?.messageAttributes).toEqual({
      RULE_ARN: { dataType: "String", stringValue: arn },
      TARGET_ARN: { dataType: "String", stringValue: queueArn("lane") },
      ERROR_CODE: { dataType: "String", stringValue: "SDK_CLIENT_ERROR" },
      ERROR_MESSAGE: { dataType: "String", stringValue: "busy" },
      RETRY_ATTEMPTS: { dataType: "Number", stringValue: "2" },
      EXHAUSTED_RETRY_CONDITION: { dataType: "String", stringValue: "MaximumRetryAttempts" },
    });
  });

  it("gives up when the event is too old", async () => {
    const { rule, putEvent, clock, failures, delivered } = world();
    await rule(
      "one",
      { source: ["warden"] },
      {
        RetryPolicy: { MaximumEventAgeInSeconds: 60 },
        DeadLetterConfig: { Arn: queueArn("dead") },
      },
    );
    failures.set(queueArn("lane"), busy);
    await putEvent({});
    await clock.advance(59_000);
    expect(delivered).toHaveLength(0);
    await clock.advance(1000);
    expect(delivered[0]?.extras?.messageAttributes?.["EXHAUSTED_RETRY_CONDITION"]?.stringValue).toBe(
      "MaximumEventAgeInSeconds",
    );
  });

  it.each([
    ["a missing permission", () => new AwsError("AccessDenied", "no", 403), "NO_PERMISSIONS"],
    ["a missing target", () => new QueueDoesNotExist({ message: "gone", $metadata: {} }), "NO_RESOURCE"],
  ])("does not retry %s (aws-semantics 3.8)", async (_, failure, code) => {
    const { rule, putEvent, clock, failures, delivered, failedInvocations } = world();
    const arn = await rule("one", { source: ["warden"] }, { DeadLetterConfig: { Arn: queueArn("dead") } });
    failures.set(queueArn("lane"), failure);
    await putEvent({});
    await clock.advance(100);
    expect(delivered[0]?.extras?.messageAttributes).toMatchObject({
      ERROR_CODE: { stringValue: code },
      RETRY_ATTEMPTS: { stringValue: "0" },
    });
    expect(failedInvocations(arn)).toBe(1);
  });

  it("drops the event where the dead-letter queue may not be used either (aws-semantics 3.8)", async () => {
    const { rule, putEvent, clock, failures, delivered, failedInvocations } = world();
    const arn = await rule("one", { source: ["warden"] }, { DeadLetterConfig: { Arn: queueArn("dead") } });
    for (const queue of ["lane", "dead"]) failures.set(queueArn(queue), () => new AwsError("AccessDenied", "no", 403));
    await putEvent({});
    await clock.advance(3_600_000);
    expect(delivered).toHaveLength(0);
    expect(failedInvocations(arn)).toBe(1);
  });
});

describe("faults on the way from an AWS service", () => {
  async function arrivals(faults: object, source: `aws.${string}` = "aws.ec2"): Promise<number[]> {
    const { rule, intake, clock, bodies } = world({ faults });
    await rule("all", { source: [{ prefix: "aws." }] });
    for (let n = 0; n < 20; n++) {
      intake.emit({ source, detailType: "Test", resources: [], detail: { n } });
      await clock.advance(1000);
    }
    await clock.advance(600_000);
    return bodies().map(({ detail }) => detail.n);
  }

  const all = Array.from({ length: 20 }, (_, n) => n);

  it("has none by default: each event comes once and in order", async () => {
    expect(await arrivals({})).toEqual(all);
  });

  it("loses best-effort events, and never those of alarms or Health (aws-semantics 3.4)", async () => {
    expect(await arrivals({ lose: 1 })).toEqual([]);
    expect(await arrivals({ lose: 1 }, "aws.cloudwatch")).toEqual(all);
    expect(await arrivals({ lose: 1 }, "aws.health")).toEqual(all);
    expect((await arrivals({ lose: 0.5 })).length).toBeLessThan(20);
  });

  it("repeats events, even guaranteed ones (aws-semantics 3.8)", async () => {
    expect((await arrivals({ duplicate: 1 }, "aws.cloudwatch")).sort((a, b) => a - b)).toEqual(
      all.flatMap((n) => [n, n]),
    );
  });

  it("delays events", async () => {
    const { rule, intake, clock, delivered } = world({ faults: { delay: 1, delayBy: { low: 5000, high: 5000 } } });
    await rule("all", { source: ["aws.ec2"] });
    intake.emit({ source: "aws.ec2", detailType: "Test", resources: [], detail: {} });
    await clock.advance(5000);
    expect(delivered).toHaveLength(0);
    await clock.advance(100);
    expect(delivered).toHaveLength(1);
  });

  it("lets events pass each other, and loses none by it (aws-semantics 3.8)", async () => {
    const order = await arrivals({ reorder: 0.5 });
    expect(order).not.toEqual(all);
    expect([...order].sort((a, b) => a - b)).toEqual(all);
  });
});
