import { readdirSync, readFileSync } from "node:fs";
import * as autoscaling from "@aws-sdk/client-auto-scaling";
import * as backup from "@aws-sdk/client-backup";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as elasticache from "@aws-sdk/client-elasticache";
import * as eventbridge from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as secrets from "@aws-sdk/client-secrets-manager";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { embeddedService } from "../../src/service.ts";
import { brokenConstraints, type Constraint, loadConstraints } from "../../src/wire/constraints.ts";
import { clientConfig } from "../../src/wire/index.ts";
import { type Shape, serviceModel } from "../../src/wire/schema.ts";
import { harness, refusalOf, signedFor } from "./harness.ts";

const services = [
  embeddedService(autoscaling, "autoscaling", {
    CompleteLifecycleAction: () => ({}),
    SetDesiredCapacity: () => ({}),
    CreateOrUpdateTags: () => ({}),
    DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }),
  }),
  embeddedService(ssm, "ssm", { SendCommand: () => ({}), PutParameter: () => ({}) }),
  embeddedService(ec2, "ec2", { RunInstances: () => ({}), TerminateInstances: () => ({}) }),
  embeddedService(sqs, "sqs", { SendMessage: () => ({}), SendMessageBatch: () => ({ Successful: [], Failed: [] }) }),
  embeddedService(dynamodb, "dynamodb", { GetItem: () => ({}) }),
  embeddedService(eventbridge, "events", { PutRule: () => ({}) }),
];

const { router } = harness(services);
const config = clientConfig(router);

/** The SDK's types forbid what is tested here. */
const wrong = <T>(input: object): T => input as T;

async function refusedWith(call: Promise<unknown>): Promise<{ name: string; message: string }> {
  const { name, message } = await refusalOf(call);
  return { name, message };
}

describe("Auto Scaling", () => {
  const client = new autoscaling.AutoScalingClient(config);
  const hook = { AutoScalingGroupName: "moodle", LifecycleHookName: "warden-launch" };

  it("requires members, and names all that are missing", async () => {
    const command = new autoscaling.CompleteLifecycleActionCommand(wrong({ LifecycleHookName: "warden-launch" }));
    expect(await refusedWith(client.send(command))).toEqual({
      name: "ValidationError",
      message:
        "2 validation errors detected: Value null at 'autoScalingGroupName' failed to satisfy constraint: Member must not be null; " +
        "Value null at 'lifecycleActionResult' failed to satisfy constraint: Member must not be null",
    });
  });

  it("requires members of the items of a list", async () => {
    const command = new autoscaling.CreateOrUpdateTagsCommand(wrong({ Tags: [{ Key: "a" }, { Value: "b" }] }));
    expect((await refusedWith(client.send(command))).message).toBe(
      "1 validation error detected: Value null at 'tags.2.member.key' failed to satisfy constraint: Member must not be null",
    );
  });

  it("accepts lifecycle action tokens of 36 characters only", async () => {
    const action = { ...hook, LifecycleActionResult: "CONTINUE" };
    const command = (LifecycleActionToken: string) =>
      client.send(new autoscaling.CompleteLifecycleActionCommand({ ...action, LifecycleActionToken }));
    await command("19cc4d4a-0000-4000-8000-000000000000");
    expect(await refusedWith(command("token"))).toEqual({
      name: "ValidationError",
      message:
        "1 validation error detected: Value 'token' at 'lifecycleActionToken' failed to satisfy constraint: " +
        "Member must have length greater than or equal to 36",
    });
  });

  it("takes a missing list for an empty one nowhere, but an empty one for what it is", async () => {
    const command = new autoscaling.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [] });
    expect((await client.send(command)).AutoScalingGroups).toEqual([]);
  });
});

describe("Systems Manager", () => {
  const client = new ssm.SSMClient(config);

  it("answers ValidationException for a number out of range", async () => {
    const command = new ssm.SendCommandCommand({ DocumentName: "AWS-RunShellScript", TimeoutSeconds: 5 });
    expect(await refusedWith(client.send(command))).toEqual({
      name: "ValidationException",
      message:
        "1 validation error detected: Value '5' at 'timeoutSeconds' failed to satisfy constraint: " +
        "Member must have value greater than or equal to 30",
    });
  });

  it("accepts at most 50 instances a command, each with an id that is one", async () => {
    const send = (InstanceIds: string[]) =>
      client.send(new ssm.SendCommandCommand({ DocumentName: "d-1", InstanceIds }));
    const ids = Array.from({ length: 51 }, (_, index) => `i-${String(index).padStart(17, "0")}`);
    await send(ids.slice(1));
    expect((await refusedWith(send(ids))).message).toContain("Member must have length less than or equal to 50");
    expect((await refusedWith(send(["web-1"]))).message).toMatch(
      /Value 'web-1' at 'instanceIds\.1\.member' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
    );
  });

  it("names the values of an enum", async () => {
    const command = new ssm.PutParameterCommand(wrong({ Name: "/warden", Value: "x", Type: "Text" }));
    expect((await refusedWith(client.send(command))).message).toBe(
      "1 validation error detected: Value 'Text' at 'type' failed to satisfy constraint: " +
        "Member must satisfy enum value set: [String, StringList, SecureString]",
    );
  });

  it("answers SerializationException for a number where a text belongs", async () => {
    const command = new ssm.SendCommandCommand(wrong({ DocumentName: 7 }));
    expect((await refusedWith(client.send(command))).name).toBe("SerializationException");
  });
});

it("does not take for a number what query cannot read as one", async () => {
  const body = "Action=SetDesiredCapacity&Version=2011-01-01&AutoScalingGroupName=moodle&DesiredCapacity=many";
  const answer = await router.route({
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: { authorization: signedFor("autoscaling"), "content-type": "application/x-www-form-urlencoded" },
    body: new TextEncoder().encode(body),
  });
  expect(answer.body).toContain(
    "<Code>MalformedInput</Code><Message>NaN can not be converted to a Number at 'desiredCapacity'",
  );
});

describe("the services that say it in other words", () => {
  it("EC2: MissingParameter and InvalidParameterValue", async () => {
    const client = new ec2.EC2Client(config);
    const missing = new ec2.RunInstancesCommand(wrong({ MaxCount: 1 }));
    expect(await refusedWith(client.send(missing))).toEqual({
      name: "MissingParameter",
      message: "The request must contain the parameter MinCount",
    });
    const shutdown = { InstanceInitiatedShutdownBehavior: "explode" };
    const invalid = new ec2.RunInstancesCommand(wrong({ MinCount: 1, MaxCount: 1, ...shutdown }));
    expect(await refusedWith(client.send(invalid))).toMatchObject({
      name: "InvalidParameterValue",
      message: expect.stringContaining("Value (explode) for parameter instanceInitiatedShutdownBehavior is invalid."),
    });
  });

  it("SQS: MissingParameter, nested too", async () => {
    const client = new sqs.SQSClient(config);
    const Entries = [{ Id: "1" }];
    const command = new sqs.SendMessageBatchCommand(wrong({ QueueUrl: "http://127.0.0.1/q", Entries }));
    expect(await refusedWith(client.send(command))).toEqual({
      name: "MissingParameter",
      message: "The request must contain the parameter Entries.1.MessageBody",
    });
  });

  it("DynamoDB and EventBridge: ValidationException", async () => {
    const get = new dynamodb.GetItemCommand(wrong({ TableName: "warden" }));
    expect(await refusedWith(new dynamodb.DynamoDBClient(config).send(get))).toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("Value null at 'key' failed to satisfy constraint: Member must not be null"),
    });
    const put = new eventbridge.PutRuleCommand({ Name: "with blanks", EventPattern: "{}" });
    expect(await refusedWith(new eventbridge.EventBridgeClient(config).send(put))).toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("Value 'with blanks' at 'name'"),
    });
  });
});

describe("the constraints taken from botocore", () => {
  const sdks = {
    autoscaling,
    backup,
    cloudwatch,
    dynamodb,
    ec2,
    elasticache,
    elasticloadbalancing: elb,
    events: eventbridge,
    iam,
    lambda,
    s3,
    secretsmanager: secrets,
    sns,
    ssm,
    sts,
  };
  const folder = new URL("../../src/wire/constraints/generated/", import.meta.url);

  it("are there for each service that has some", () => {
    expect(readdirSync(folder).sort()).toEqual(
      Object.keys(sdks)
        .map((service) => `${service}.json`)
        .sort(),
    );
  });

  it.each(Object.entries(sdks))("of %s belong to members that the SDK knows, and compile", (service, sdk) => {
    const constraints = loadConstraints(service);
    const model = serviceModel(sdk);
    const unknown: string[] = [];
    const visited = new Set<Constraint>();
    const names: string[] = Object.keys(
      JSON.parse(readFileSync(new URL(`${service}.json`, folder), "utf8")).operations,
    );
    for (const name of names) {
      const operation = model.operation(name);
      if (operation === undefined) unknown.push(name);
      else visit(operation.input, constraints.ofOperation(name), name);
    }
    expect(unknown).toEqual([]);
    expect(visited.size).toBeGreaterThan(0);

    function visit(shape: Shape, constraint: Constraint | undefined, path: string): void {
      if (constraint === undefined || visited.has(constraint)) return;
      visited.add(constraint);
      brokenConstraints(constraint, "x");
      for (const [member, target] of Object.entries(constraint.members ?? {})) {
        const found = [...shape.structIterator()].find(([name]) => name === member);
        if (found === undefined) unknown.push(`${path}.${member}`);
        else visit(found[1], constraints.shape(target), `${path}.${member}`);
      }
      if (constraint.item !== undefined) visit(shape.getValueSchema(), constraints.shape(constraint.item), `${path}[]`);
      if (constraint.value !== undefined)
        visit(shape.getValueSchema(), constraints.shape(constraint.value), `${path}{}`);
    }
  });
});
