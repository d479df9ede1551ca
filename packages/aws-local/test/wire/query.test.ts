/** Forms as clients write them who know query only from the documentation, or from an older model. */
import * as ec2 from "@aws-sdk/client-ec2";
import * as sqs from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { embeddedService } from "../../src/service.ts";
import { harness, signedFor } from "./harness.ts";

async function received(service: "sqs" | "ec2", form: string) {
  const inputs: unknown[] = [];
  const keep = (input: unknown) => {
    inputs.push(input);
    return {};
  };
  const { router, records } = harness([
    embeddedService(sqs, "sqs", {
      ReceiveMessage: keep,
      GetQueueAttributes: (input) => {
        keep(input);
        return { Attributes: { ApproximateNumberOfMessages: "3" } };
      },
      SetQueueAttributes: keep,
      DeleteMessageBatch: () => ({ Successful: [], Failed: [] }),
    }),
    embeddedService(ec2, "ec2", { DescribeInstances: keep }),
  ]);
  const { body } = await router.route({
    method: "POST",
    path: "/000000000000/urgent",
    query: new URLSearchParams(),
    headers: { authorization: signedFor(service), "content-type": "application/x-www-form-urlencoded" },
    body: new TextEncoder().encode(form),
  });
  return { input: inputs[0], body: String(body), records };
}

const queue = "QueueUrl=http%3A%2F%2F127.0.0.1%2Furgent";

describe("query as older clients write it", () => {
  it("numbers flattened lists under the name of their items", async () => {
    const { input } = await received(
      "sqs",
      `Action=ReceiveMessage&${queue}&AttributeName.1=SentTimestamp&MaxNumberOfMessages=10`,
    );
    expect(input).toMatchObject({ AttributeNames: ["SentTimestamp"], MaxNumberOfMessages: 10 });
  });

  it("writes maps as numbered names and values", async () => {
    const form = `Action=SetQueueAttributes&${queue}&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=30`;
    expect((await received("sqs", form)).input).toMatchObject({ Attributes: { VisibilityTimeout: "30" } });
  });

  it("reads maps in answers the same way", async () => {
    const { body } = await received("sqs", `Action=GetQueueAttributes&${queue}&AttributeName.1=All`);
    expect(body).toContain("<Attribute><Name>ApproximateNumberOfMessages</Name><Value>3</Value></Attribute>");
  });

  it("puts the items of a list in order of their numbers", async () => {
    const ids = [10, 9, 1, 2].map(
      (number) => `InstanceId.${number}=i-0000000000000000${String(number).padStart(2, "0")}`,
    );
    const { input } = await received("ec2", `Action=DescribeInstances&Version=2016-11-15&${ids.join("&")}`);
    const inOrder = ["01", "02", "09", "10"].map((end) => `i-0000000000000000${end}`);
    expect(input).toEqual({ InstanceIds: inOrder });
  });

  it("takes no name from a form for anything but data", async () => {
    const { input } = await received(
      "ec2",
      "Action=DescribeInstances&__proto__.polluted=1&constructor.prototype.polluted=1",
    );
    expect(input).toEqual({});
    expect({}).not.toHaveProperty("polluted");
  });
});
