import * as autoscaling from "@aws-sdk/client-auto-scaling";
import * as ec2 from "@aws-sdk/client-ec2";
import * as lambda from "@aws-sdk/client-lambda";
import { Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../src/aws-error.ts";
import { embeddedService } from "../../src/service.ts";
import { type RouterOptions, typedTransport } from "../../src/wire/index.ts";
import { harness, refusalOf } from "./harness.ts";

function typedRegion(overrides: Partial<RouterOptions> = {}) {
  const groups = [{ AutoScalingGroupName: "moodle" }];
  const services = [
    embeddedService(autoscaling, "autoscaling", {
      DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }),
      SetDesiredCapacity: ({ AutoScalingGroupName }) => {
        if (groups.every((group) => group.AutoScalingGroupName !== AutoScalingGroupName)) {
          throw new AwsError("ValidationError", "AutoScalingGroup name not found");
        }
        throw new autoscaling.ScalingActivityInProgressFault({ message: "in progress", $metadata: {} });
      },
    }),
    embeddedService(lambda, "lambda", {
      Invoke: ({ Payload }) => {
        const text = Payload instanceof Uint8Array ? new TextDecoder().decode(Payload) : "not bytes";
        return { StatusCode: 200, Payload: Uint8ArrayBlobAdapter.fromString(`<${text}>`) };
      },
    }),
  ];
  const made = harness(services, overrides);
  const client = new autoscaling.AutoScalingClient({ region: "eu-west-1" });
  client.middlewareStack.use(typedTransport(made.router));
  return { ...made, client };
}

describe("the typed transport, which carries no bytes", () => {
  it("answers with output, request id and status", async () => {
    const { client, records } = typedRegion();
    const answer = await client.send(new autoscaling.DescribeAutoScalingGroupsCommand({}));
    expect(answer.AutoScalingGroups).toEqual([]);
    expect(answer.$metadata).toMatchObject({ httpStatusCode: 200, requestId: records[0]?.requestId });
  });

  it("throws the exceptions that the wire would", async () => {
    const { client } = typedRegion();
    const set = (AutoScalingGroupName: string) =>
      refusalOf(client.send(new autoscaling.SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 1 })));
    expect(await set("moodle")).toBeInstanceOf(autoscaling.ScalingActivityInProgressFault);
    const unknown = await set("other");
    expect(unknown).toBeInstanceOf(autoscaling.AutoScalingServiceException);
    expect(unknown).toMatchObject({
      name: "ValidationError",
      message: "AutoScalingGroup name not found",
      $fault: "client",
    });
    expect(unknown.$metadata?.httpStatusCode).toBe(400);
  });

  it("validates, throttles and authorises all the same", async () => {
    const { client } = typedRegion();
    const invalid = new autoscaling.SetDesiredCapacityCommand({ AutoScalingGroupName: "", DesiredCapacity: 1 });
    expect((await refusalOf(client.send(invalid))).message).toContain(
      "Member must have length greater than or equal to 1",
    );
    const throttled = typedRegion({ limits: { admit: () => false } }).client;
    const describeGroups = new autoscaling.DescribeAutoScalingGroupsCommand({});
    expect((await refusalOf(throttled.send(describeGroups))).name).toBe("Throttling");
    const denied = typedRegion({
      authorize: () => {
        throw new AwsError("AccessDenied", "no", 403);
      },
    }).client;
    expect((await refusalOf(denied.send(describeGroups))).name).toBe("AccessDenied");
  });

  it("calls for the role whose credentials it is given", async () => {
    const { router, sessions, records } = typedRegion();
    const principal = { kind: "role", roleName: "node", sessionName: "i-0" } as const;
    const client = new autoscaling.AutoScalingClient({ region: "eu-west-1" });
    client.middlewareStack.use(typedTransport(router, { credentials: sessions.issue(principal) }));
    await client.send(new autoscaling.DescribeAutoScalingGroupsCommand({}));
    expect(records).toMatchObject([{ principal }]);
  });

  it("turns payloads into what each side expects", async () => {
    const { router } = typedRegion();
    const client = new lambda.LambdaClient({ region: "eu-west-1" });
    client.middlewareStack.use(typedTransport(router));
    const { Payload } = await client.send(new lambda.InvokeCommand({ FunctionName: "f", Payload: "{}" }));
    expect(Payload?.transformToString()).toBe("<{}>");
  });

  it("says which client has no embedded service", async () => {
    const client = new ec2.EC2Client({ region: "eu-west-1" });
    client.middlewareStack.use(typedTransport(typedRegion().router));
    await expect(client.send(new ec2.DescribeInstancesCommand({}))).rejects.toThrow(
      "no embedded service belongs to EC2Client",
    );
  });
});
