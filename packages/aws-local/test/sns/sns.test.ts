import type * as sns from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../src/aws-error.ts";
import type { Functions } from "../../src/region.ts";
import { createSns } from "../../src/services/sns/index.ts";
import { arnOf, caller, policiesByName, sqsRegion } from "../sqs/harness.ts";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:alarms";
const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:notify";
const snsPolicy = JSON.stringify({ Statement: [{ Principal: { Service: "sns.amazonaws.com" } }] });

function snsRegion() {
  const sqs = sqsRegion();
  const invoked: { functionArn: string; event: unknown; sourceArn: string; traceHeader: string | undefined }[] = [];
  let isDenied = false;
  const functions: Functions = {
    invokeLater(arn, payload, from, extras) {
      if (isDenied) throw new AwsError("AccessDeniedException", "no", 403);
      const { sourceArn } = from;
      invoked.push({ functionArn: arn, event: JSON.parse(payload), sourceArn, traceHeader: extras?.traceHeader });
    },
  };
  const deny = (): void => {
    isDenied = true;
  };
  const { service, topics } = createSns(sqs.surroundings, {
    queues: sqs.queues,
    functions,
    resourcePolicies: policiesByName,
  });
  const call = caller<typeof sns>(service);
  const subscribe = async (endpoint: string, Attributes: Record<string, string> = {}) =>
    (
      await call("Subscribe", {
        TopicArn: topicArn,
        Protocol: endpoint.split(":")[2] ?? "",
        Endpoint: endpoint,
        Attributes,
      })
    ).SubscriptionArn ?? "";
  return { sqs, topics, call, service, subscribe, invoked, clock: sqs.clock, deny };
}

describe("SNS", () => {
  it("writes a notification to a queue in SNS's own text", async () => {
    const { sqs, call, subscribe, clock } = snsRegion();
    const url = await sqs.queue("inbox", { Policy: snsPolicy });
    await call("CreateTopic", { Name: "alarms" });
    const subscription = await subscribe(arnOf("inbox"));
    const { MessageId } = await call("Publish", {
      TopicArn: topicArn,
      Subject: "ALARM",
      Message: 'say "hello"',
      MessageAttributes: { site: { DataType: "String", StringValue: "moodle" } },
    });
    await clock.advance(1000);
    const [message] = await sqs.receive(url);
    const lines = (message?.Body ?? "").split("\n");
    expect(lines.filter((line) => !line.includes('"Signature" :'))).toEqual([
      "{",
      '  "Type" : "Notification",',
      `  "MessageId" : "${MessageId}",`,
      `  "TopicArn" : "${topicArn}",`,
      '  "Subject" : "ALARM",',
      '  "Message" : "say \\"hello\\"",',
      '  "Timestamp" : "2023-11-14T22:13:20.000Z",',
      '  "SignatureVersion" : "1",',
      expect.stringMatching(/^ {2}"SigningCertURL" : "https:\/\/sns\.eu-west-1\.amazonaws\.com\/.*\.pem",$/),
      `  "UnsubscribeURL" : "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscription}",`,
      '  "MessageAttributes" : {',
      '    "site" : {"Type":"String","Value":"moodle"}',
      "  }",
      "}",
    ]);
    expect(message?.MessageAttributes).toBeUndefined();
  });

  it("delivers only the message with RawMessageDelivery, its attributes as the queue's own", async () => {
    const { sqs, call, subscribe, clock } = snsRegion();
    const url = await sqs.queue("inbox", { Policy: snsPolicy });
    await call("CreateTopic", { Name: "alarms" });
    await subscribe(arnOf("inbox"), { RawMessageDelivery: "true" });
    await call("Publish", {
      TopicArn: topicArn,
      Message: "plain",
      MessageAttributes: { site: { DataType: "String", StringValue: "moodle" } },
    });
    await clock.advance(1000);
    const [message] = await sqs.receive(url);
    expect(message?.Body).toBe("plain");
    expect(message?.MessageAttributes).toEqual({ site: { DataType: "String", StringValue: "moodle" } });
  });

  it("invokes a function asynchronously with an SNS event", async () => {
    const { call, subscribe, clock, invoked } = snsRegion();
    await call("CreateTopic", { Name: "alarms" });
    const subscription = await subscribe(functionArn);
    const { MessageId } = await call("Publish", { TopicArn: topicArn, Message: "text" });
    await clock.advance(1000);
    expect(invoked).toEqual([
      {
        functionArn,
        sourceArn: topicArn,
        traceHeader: undefined,
        event: {
          Records: [
            {
              EventSource: "aws:sns",
              EventVersion: "1.0",
              EventSubscriptionArn: subscription,
              Sns: {
                Type: "Notification",
                MessageId,
                TopicArn: topicArn,
                Subject: null,
                Message: "text",
                Timestamp: "2023-11-14T22:13:20.000Z",
                SignatureVersion: "1",
                Signature: expect.any(String),
                SigningCertUrl: expect.stringContaining(".pem"),
                UnsubscribeUrl: expect.stringContaining(subscription),
                MessageAttributes: {},
              },
            },
          ],
        },
      },
    ]);
  });

  it("passes the publisher's trace header on to queues and functions", async () => {
    const { sqs, call, service, subscribe, clock, invoked } = snsRegion();
    const url = await sqs.queue("inbox", { Policy: snsPolicy });
    await call("CreateTopic", { Name: "alarms" });
    await subscribe(arnOf("inbox"));
    await subscribe(functionArn);
    const traced = caller<typeof sns>(service, { traceHeader: "Root=1-a;Lineage=00000000:3" });
    await traced("Publish", { TopicArn: topicArn, Message: "text" });
    await clock.advance(1000);
    expect((await sqs.receive(url))[0]?.Attributes?.AWSTraceHeader).toBe("Root=1-a;Lineage=00000000:3");
    expect(invoked[0]?.traceHeader).toBe("Root=1-a;Lineage=00000000:3");
  });

  it("sends what a subscriber refuses to the subscription's dead-letter queue", async () => {
    const { sqs, call, subscribe, clock, deny } = snsRegion();
    const dead = await sqs.queue("dead", { Policy: snsPolicy });
    await sqs.queue("closed");
    await call("CreateTopic", { Name: "alarms" });
    deny();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead") });
    await subscribe(functionArn, { RedrivePolicy });
    await subscribe(arnOf("closed"), { RedrivePolicy });
    await call("Publish", { TopicArn: topicArn, Message: "text" });
    await clock.advance(1000);
    expect(await sqs.counts(dead)).toMatchObject({ visible: 2 });
  });

  it("gives each protocol its own text with MessageStructure json", async () => {
    const { sqs, call, subscribe, clock, invoked } = snsRegion();
    const url = await sqs.queue("inbox", { Policy: snsPolicy });
    await call("CreateTopic", { Name: "alarms" });
    await subscribe(arnOf("inbox"), { RawMessageDelivery: "true" });
    await subscribe(functionArn);
    const Message = JSON.stringify({ default: "for all", sqs: "for queues" });
    await call("Publish", { TopicArn: topicArn, Message, MessageStructure: "json" });
    await clock.advance(1000);
    expect((await sqs.receive(url))[0]?.Body).toBe("for queues");
    expect(JSON.stringify(invoked[0]?.event)).toContain('"Message":"for all"');
    await expect(call("Publish", { TopicArn: topicArn, Message: "{}", MessageStructure: "json" })).rejects.toThrow(
      "No default entry in JSON message body",
    );
  });

  it("lets alarms and Auto Scaling publish under the default policy, and EventBridge only under one that names it", async () => {
    const { call, topics } = snsRegion();
    await call("CreateTopic", { Name: "alarms" });
    const publish = (service: string) => () =>
      topics.publish(topicArn, { body: "text" }, { service, sourceArn: "arn" });
    expect(publish("cloudwatch.amazonaws.com")).not.toThrow();
    expect(publish("autoscaling.amazonaws.com")).not.toThrow();
    expect(publish("events.amazonaws.com")).toThrow(
      expect.objectContaining({ code: "AuthorizationError", status: 403 }),
    );
    const Policy = JSON.stringify({ Statement: [{ Principal: { Service: "events.amazonaws.com" } }] });
    await call("SetTopicAttributes", { TopicArn: topicArn, AttributeName: "Policy", AttributeValue: Policy });
    expect(publish("events.amazonaws.com")).not.toThrow();
    expect(publish("cloudwatch.amazonaws.com")).toThrow();
  });

  it("answers each entry of PublishBatch for itself", async () => {
    const { sqs, call, subscribe, clock } = snsRegion();
    const url = await sqs.queue("inbox", { Policy: snsPolicy });
    await call("CreateTopic", { Name: "alarms" });
    await subscribe(arnOf("inbox"));
    const answer = await call("PublishBatch", {
      TopicArn: topicArn,
      PublishBatchRequestEntries: [
        { Id: "good", Message: "text" },
        { Id: "bad", Message: "x".repeat(262_145) },
      ],
    });
    expect(answer.Successful).toMatchObject([{ Id: "good" }]);
    expect(answer.Failed).toMatchObject([{ Id: "bad", Code: "InvalidParameter", SenderFault: true }]);
    await clock.advance(1000);
    expect(await sqs.counts(url)).toMatchObject({ visible: 1 });
  });

  it("subscribes an endpoint once, and forgets it after Unsubscribe", async () => {
    const { call, subscribe, clock, invoked } = snsRegion();
    await call("CreateTopic", { Name: "alarms" });
    const arn = await subscribe(functionArn);
    expect(await subscribe(functionArn)).toBe(arn);
    expect((await call("ListSubscriptionsByTopic", { TopicArn: topicArn })).Subscriptions).toEqual([
      { SubscriptionArn: arn, TopicArn: topicArn, Protocol: "lambda", Endpoint: functionArn, Owner: "123456789012" },
    ]);
    await call("Unsubscribe", { SubscriptionArn: arn });
    await call("Publish", { TopicArn: topicArn, Message: "text" });
    await clock.advance(1000);
    expect(invoked).toEqual([]);
    expect((await call("GetTopicAttributes", { TopicArn: topicArn })).Attributes).toMatchObject({
      SubscriptionsConfirmed: "0",
      SubscriptionsDeleted: "1",
    });
  });

  it("creates a topic once, and answers NotFound for one that is not there", async () => {
    const { call } = snsRegion();
    expect(await call("CreateTopic", { Name: "alarms" })).toEqual({ TopicArn: topicArn });
    expect(await call("CreateTopic", { Name: "alarms" })).toEqual({ TopicArn: topicArn });
    expect((await call("ListTopics", {})).Topics).toEqual([{ TopicArn: topicArn }]);
    await call("DeleteTopic", { TopicArn: topicArn });
    await expect(call("Publish", { TopicArn: topicArn, Message: "text" })).rejects.toMatchObject({
      name: "NotFoundException",
      message: "Topic does not exist",
    });
  });

  it.each([
    ["email", "someone@example.org", {}],
    ["https", "https://example.org", {}],
    ["sqs", arnOf("inbox"), { FilterPolicy: "{}" }],
  ])("answers NotImplemented to protocol %s to %s with %j", async (Protocol, Endpoint, Attributes) => {
    const { call } = snsRegion();
    await call("CreateTopic", { Name: "alarms" });
    await expect(call("Subscribe", { TopicArn: topicArn, Protocol, Endpoint, Attributes })).rejects.toMatchObject({
      code: "NotImplemented",
    });
  });
});
