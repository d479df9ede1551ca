import { describe, expect, it } from "vitest";
import { arnOf } from "../sqs/harness.ts";
import { lambdaRegion, roleArn } from "./harness.ts";

const code = { S3Bucket: "bundles", S3Key: "reconcile" };

describe("Lambda functions", () => {
  it("are described with Lambda's defaults", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => 1, { Environment: { Variables: { SITE: "moodle" } } });
    expect(await world.call("GetFunctionConfiguration", { FunctionName: "reconcile" })).toMatchObject({
      FunctionName: "reconcile",
      FunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:reconcile",
      Role: roleArn,
      Handler: "index.handler",
      Runtime: "nodejs24.x",
      Timeout: 3,
      MemorySize: 128,
      EphemeralStorage: { Size: 512 },
      Environment: { Variables: { SITE: "moodle" } },
      State: "Active",
      LastModified: "2023-11-14T22:13:20.000+0000",
      Version: "$LATEST",
    });
  });

  it.each([
    "reconcile",
    "123456789012:function:reconcile",
    "arn:aws:lambda:eu-west-1:123456789012:function:reconcile",
    "arn:aws:lambda:eu-west-1:123456789012:function:reconcile:$LATEST",
  ])("are found as %s", async (FunctionName) => {
    const world = lambdaRegion();
    await world.create("reconcile", () => 1);
    expect((await world.call("GetFunction", { FunctionName })).Configuration?.FunctionName).toBe("reconcile");
  });

  it.each(["other", "reconcile:7", "arn:aws:lambda:eu-west-1:999999999999:function:reconcile"])(
    "are not found as %s",
    async (FunctionName) => {
      const world = lambdaRegion();
      await world.create("reconcile", () => 1);
      await expect(world.call("GetFunction", { FunctionName })).rejects.toMatchObject({
        name: "ResourceNotFoundException",
        message: expect.stringContaining("Function not found: arn:aws:lambda:eu-west-1:"),
      });
    },
  );

  it("keep what an update leaves out", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => 1, { Timeout: 30, Environment: { Variables: { SITE: "moodle" } } });
    const updated = await world.call("UpdateFunctionConfiguration", { FunctionName: "reconcile", MemorySize: 256 });
    expect(updated).toMatchObject({ Timeout: 30, MemorySize: 256, Environment: { Variables: { SITE: "moodle" } } });
  });

  it("are changed only at the revision that the caller knows", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => 1);
    await expect(
      world.call("UpdateFunctionConfiguration", { FunctionName: "reconcile", RevisionId: "old", Timeout: 5 }),
    ).rejects.toMatchObject({ name: "PreconditionFailedException" });
  });

  it("take no reserved environment variable and no more than 4 KB of them", async () => {
    const world = lambdaRegion();
    const create = (Variables: Record<string, string>) =>
      world.create("reconcile", () => 1, { Environment: { Variables } });
    await expect(create({ AWS_REGION: "x" })).rejects.toThrow("Reserved keys used in this request: AWS_REGION");
    await expect(create({ BIG: "x".repeat(4097) })).rejects.toThrow("exceeded the 4KB limit");
    await create({ AWS_ENDPOINT_URL: "http://127.0.0.1:4566" });
  });

  it.each([
    ["Code.ZipFile", { Code: { ZipFile: new Uint8Array(1) } }],
    ["VpcConfig", { VpcConfig: { SubnetIds: ["subnet-1"] } }],
    ["Publish", { Publish: true }],
    ["PackageType Image", { PackageType: "Image" as const }],
    ["Runtime python3.13", { Runtime: "python3.13" as const }],
  ])("answer NotImplemented to %s", async (what, settings) => {
    const world = lambdaRegion();
    await expect(world.create("reconcile", () => 1, settings)).rejects.toMatchObject({
      code: "NotImplemented",
      message: expect.stringContaining(what),
    });
  });

  it("need a role that Lambda may assume", async () => {
    const world = lambdaRegion({
      trusts: (roleName, { value }) => roleName === "reconcile" && value === "lambda.amazonaws.com",
    });
    await world.create("reconcile", () => 1);
    await expect(
      world.call("UpdateFunctionConfiguration", {
        FunctionName: "reconcile",
        Role: "arn:aws:iam::123456789012:role/node",
      }),
    ).rejects.toThrow("The role defined for the function cannot be assumed by Lambda.");
  });

  it("need a role that may write to their dead-letter queue", async () => {
    const authorizer = {
      authorize({ action }: { action: string }) {
        if (action === "sqs:SendMessage") throw new Error("denied");
      },
    };
    const world = lambdaRegion({ authorizer });
    await world.create("reconcile", () => 1);
    const DeadLetterConfig = { TargetArn: "arn:aws:sqs:eu-west-1:123456789012:dead" };
    await expect(
      world.call("UpdateFunctionConfiguration", { FunctionName: "reconcile", DeadLetterConfig }),
    ).rejects.toThrow("The provided execution role does not have permissions to call SendMessage on SQS");
    await expect(world.create("sweep", () => 1, { DeadLetterConfig })).rejects.toThrow("SendMessage on SQS");
  });

  it("need code that is there", async () => {
    const world = lambdaRegion();
    await expect(
      world.create("reconcile", () => 1, { Code: { S3Bucket: "other", S3Key: "reconcile" } }),
    ).rejects.toThrow("S3 Error Code: NoSuchKey");
  });

  it("exist once, and are gone after deletion", async () => {
    const world = lambdaRegion();
    await world.create("reconcile", () => 1);
    await expect(
      world.call("CreateFunction", { FunctionName: "reconcile", Role: roleArn, Handler: "a.b", Code: code }),
    ).rejects.toMatchObject({ name: "ResourceConflictException" });
    await world.call("DeleteFunction", { FunctionName: "reconcile" });
    expect((await world.call("ListFunctions", {})).Functions).toEqual([]);
  });

  it("leave their mappings behind, which tags and deletes like any other", async () => {
    const world = lambdaRegion();
    await world.sqs.queue("lane");
    await world.create("reconcile", () => 1);
    const { UUID, EventSourceMappingArn } = await world.call("CreateEventSourceMapping", {
      FunctionName: "reconcile",
      EventSourceArn: arnOf("lane"),
      Tags: { site: "moodle" },
    });
    await world.call("DeleteFunction", { FunctionName: "reconcile" });
    expect(await world.call("ListTags", { Resource: EventSourceMappingArn ?? "" })).toEqual({
      Tags: { site: "moodle" },
    });
    expect((await world.call("ListEventSourceMappings", {})).EventSourceMappings).toMatchObject([
      { State: "Disabled" },
    ]);
    await world.call("DeleteEventSourceMapping", { UUID: UUID ?? "" });
    expect((await world.call("ListEventSourceMappings", {})).EventSourceMappings).toEqual([]);
  });

  it("keep tags", async () => {
    const world = lambdaRegion();
    const arn = await world.create("reconcile", () => 1, { Tags: { site: "moodle" } });
    await world.call("TagResource", { Resource: arn, Tags: { stage: "test" } });
    await world.call("UntagResource", { Resource: arn, TagKeys: ["site"] });
    expect(await world.call("ListTags", { Resource: arn })).toEqual({ Tags: { stage: "test" } });
  });
});
