import * as ssm from "@aws-sdk/client-ssm";
import { expect, it } from "vitest";
import { seededRandom } from "../../src/random.ts";
import { clientConfig, createRouter } from "../../src/wire/index.ts";
import { scriptDocument, testRegion } from "./surroundings.ts";

/** A stock client of the SDK on the embedded Systems Manager, over its wire. */
function sdk() {
  const region = testRegion();
  const router = createRouter({
    services: [region.service],
    region: "eu-west-1",
    clock: region.clock,
    random: seededRandom(1),
    onDefect(error) {
      throw error;
    },
  });
  return { region, client: new ssm.SSMClient(clientConfig(router)) };
}

it("serves a stock client: a document is registered, sent, and its result read", async () => {
  const { region, client } = sdk();
  const [instanceId = ""] = await region.online(1);
  const parameters = { Name: { type: "String", allowedPattern: "^[a-z]+$" } };
  await client.send(new ssm.CreateDocumentCommand(scriptDocument({ parameters, script: ["echo {{ Name }}"] })));
  const described = await client.send(new ssm.DescribeDocumentCommand({ Name: "Test" }));
  expect(described.Document?.CreatedDate).toEqual(new Date("2026-03-02T08:00:30Z"));

  const known = await client.send(new ssm.DescribeInstanceInformationCommand({}));
  expect(known.InstanceInformationList).toMatchObject([{ InstanceId: instanceId, PingStatus: "Online" }]);
  const input = { DocumentName: "Test", InstanceIds: [instanceId], Parameters: { Name: ["moodle"] }, Comment: "batch" };
  const { Command } = await client.send(new ssm.SendCommandCommand(input));
  const target = { CommandId: Command?.CommandId, InstanceId: instanceId };
  await expect(client.send(new ssm.GetCommandInvocationCommand(target))).rejects.toThrow(ssm.InvocationDoesNotExist);

  await region.clock.advance(5_000);
  const result = await client.send(new ssm.GetCommandInvocationCommand(target));
  expect(result).toMatchObject({ Status: "Success", StandardOutputContent: "moodle\n", PluginName: "work" });
  const { Commands } = await client.send(new ssm.ListCommandsCommand({ CommandId: target.CommandId }));
  expect(Commands).toMatchObject([{ Comment: "batch", Status: "Success", Parameters: { Name: ["moodle"] } }]);
  const listed = await client.send(new ssm.ListCommandInvocationsCommand({ ...target, Details: true }));
  expect(listed.CommandInvocations?.[0]?.CommandPlugins?.[0]?.Output).toBe("moodle\n");
});

it("gives a stock client its own exceptions", async () => {
  const { client } = sdk();
  const nowhere = { DocumentName: "AWS-RunShellScript", InstanceIds: ["i-0123456789abcdef0"] };
  const send = (Parameters: Record<string, string[]>) =>
    client.send(new ssm.SendCommandCommand({ ...nowhere, Parameters }));
  await expect(send({ commands: ["true"] })).rejects.toThrow(ssm.InvalidInstanceId);
  await expect(send({})).rejects.toThrow(ssm.InvalidParameters);
  await expect(client.send(new ssm.GetParameterCommand({ Name: "none" }))).rejects.toThrow(ssm.ParameterNotFound);
  const unmodelled = client.send(new ssm.ListAssociationsCommand({}));
  await expect(unmodelled).rejects.toMatchObject({ name: "NotImplemented", $metadata: { httpStatusCode: 501 } });
});

it("keeps parameters for a stock client", async () => {
  const { client } = sdk();
  const parameter = { Name: "/moodle/password", Value: "hunter2", Type: "SecureString" } as const;
  expect(await client.send(new ssm.PutParameterCommand(parameter))).toMatchObject({ Version: 1 });
  const path = { Path: "/moodle", WithDecryption: true };
  const { Parameters } = await client.send(new ssm.GetParametersByPathCommand(path));
  expect(Parameters).toMatchObject([{ Name: "/moodle/password", Value: "hunter2", Version: 1 }]);
});
