import { describe, expect, it } from "vitest";
import type { Program } from "../../src/hosts/software.ts";
import { type Question, scriptDocument, type TestRegion, testRegion } from "./surroundings.ts";

const shell = (...commands: string[]) => ({ DocumentName: "AWS-RunShellScript", Parameters: { commands } });

type SendCommand = Question<"SendCommand">;

async function send(region: TestRegion, input: Omit<SendCommand, "DocumentName"> & { DocumentName?: string }) {
  const { Command } = await region.call("SendCommand", { ...shell("true"), ...input });
  return Command?.CommandId ?? "";
}

const invocation = (region: TestRegion, CommandId: string, InstanceId: string) =>
  region.call("GetCommandInvocation", { CommandId, InstanceId });

async function command(region: TestRegion, CommandId: string) {
  const { Commands } = await region.call("ListCommands", { CommandId });
  return Commands?.[0];
}

/** How many invocations stand at each status. */
async function tally(region: TestRegion, CommandId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const { CommandInvocations = [] } = await region.call("ListCommandInvocations", { CommandId });
  for (const { StatusDetails = "" } of CommandInvocations) counts[StatusDetails] = (counts[StatusDetails] ?? 0) + 1;
  return counts;
}

/** Works for 10 s, then fails. */
const failing: Program = (_, process) => process.wait(10_000, () => process.exit(1));

describe("sending", () => {
  it("takes at most 50 instance ids (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const instanceIds = await region.online(51);
    await expect(send(region, { InstanceIds: instanceIds })).rejects.toMatchObject({ name: "ValidationException" });
    const accepted = await send(region, { InstanceIds: instanceIds.slice(0, 50) });
    await region.clock.advance(5_000);
    expect(await tally(region, accepted)).toEqual({ Success: 50 });
  });

  it("reaches every registered instance of a tag, however many (aws-semantics 3.6)", async () => {
    const region = testRegion();
    await region.online(60, { tags: { site: "one" } });
    await region.online(3, { tags: { site: "two" } });
    const commandId = await send(region, { Targets: [{ Key: "tag:site", Values: ["one"] }] });
    await region.clock.advance(30_000);
    expect(await command(region, commandId)).toMatchObject({ TargetCount: 60, CompletedCount: 60, Status: "Success" });
  });

  it("leaves out instances of the tag that are gone", async () => {
    const region = testRegion();
    const [, gone = ""] = await region.online(2, { tags: { site: "one" } });
    region.setState(gone, "terminated");
    const commandId = await send(region, { Targets: [{ Key: "tag:site", Values: ["one"] }] });
    await region.clock.advance(5_000);
    expect(await tally(region, commandId)).toEqual({ Success: 1 });
  });

  it("has no idempotency token: the same call twice runs twice (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const first = await send(region, { InstanceIds: [instanceId], Comment: "batch 7" });
    const second = await send(region, { InstanceIds: [instanceId], Comment: "batch 7" });
    expect(second).not.toBe(first);
    await region.clock.advance(5_000);
    const { CommandInvocations } = await region.call("ListCommandInvocations", { InstanceId: instanceId });
    expect(CommandInvocations).toMatchObject([{ Comment: "batch 7" }, { Comment: "batch 7" }]);
  });

  it("defaults to 50 at a time, no errors allowed, and 3600 + 3600 seconds (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const instanceIds = await region.online(1);
    const { Command } = await region.call("SendCommand", { ...shell("true"), InstanceIds: instanceIds });
    expect(Command).toMatchObject({ MaxConcurrency: "50", MaxErrors: "0", TimeoutSeconds: 3600, Status: "Pending" });
    expect((Command?.ExpiresAfter?.getTime() ?? 0) - region.clock.now()).toBe(7_200_000);
  });

  it("answers InvalidInstanceId for the whole call when one agent has not registered (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const online = await region.online(2);
    const booting = region.launch();
    await expect(send(region, { InstanceIds: [...online, booting] })).rejects.toMatchObject({
      name: "InvalidInstanceId",
      message: "Instances not in a valid state for account",
    });
    await region.clock.advance(30_000);
    await expect(send(region, { InstanceIds: [...online, booting] })).resolves.not.toBe("");
  });

  it.each(["shutting-down", "terminated"] as const)(
    "answers InvalidInstanceId, the same error, for an instance that is %s (aws-semantics 3.6)",
    async (state) => {
      const region = testRegion();
      const [instanceId = ""] = await region.online(1);
      region.setState(instanceId, state);
      await expect(send(region, { InstanceIds: [instanceId] })).rejects.toMatchObject({ name: "InvalidInstanceId" });
    },
  );

  it.each(["running", "pending", "stopped", "stopping"] as const)(
    "takes an instance that registered once and is %s (aws-semantics 3.6)",
    async (state) => {
      const region = testRegion();
      const [instanceId = ""] = await region.online(1);
      region.setState(instanceId, state);
      await expect(send(region, { InstanceIds: [instanceId] })).resolves.not.toBe("");
    },
  );

  it("refuses an instance named twice, and a document that is not there", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const twice = send(region, { InstanceIds: [instanceId, instanceId] });
    await expect(twice).rejects.toMatchObject({ name: "DuplicateInstanceId" });
    const unknown = send(region, { DocumentName: "None", InstanceIds: [instanceId] });
    await expect(unknown).rejects.toMatchObject({ name: "InvalidDocument" });
  });

  it("fails loudly on what it does not model", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const sent = send(region, { InstanceIds: [instanceId], OutputS3BucketName: "bucket" });
    await expect(sent).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

describe("reading", () => {
  it("answers InvocationDoesNotExist, and lists nothing, just after SendCommand (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const commandId = await send(region, { InstanceIds: [instanceId] });
    await expect(invocation(region, commandId, instanceId)).rejects.toMatchObject({ name: "InvocationDoesNotExist" });
    expect(await command(region, commandId)).toBeUndefined();
    expect(await tally(region, commandId)).toEqual({});
    await region.clock.advance(1_500);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ Status: "Pending", ResponseCode: -1 });
  });

  it("may show a status that is out of date (aws-semantics 3.6)", async () => {
    const region = testRegion({ staleReads: { low: 3_000, high: 3_000 } });
    const [instanceId = ""] = await region.online(1);
    const commandId = await send(region, { InstanceIds: [instanceId], ...shell("echo done") });
    await region.clock.advance(2_500);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ Status: "Pending" });
    await region.clock.advance(1_500);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({
      Status: "Pending",
      StandardOutputContent: "",
    });
    await region.clock.advance(1_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({
      Status: "Success",
      StandardOutputContent: "done\n",
    });
  });

  it("gives the first 24 000 characters of stdout and 8 000 of stderr, none until the end (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const talkative: Program = (_, process) => {
      process.print("o".repeat(30_000));
      process.complain("e".repeat(30_000));
      process.wait(10_000, () => process.exit(0));
    };
    const [instanceId = ""] = await region.online(1, { programs: { "AWS-RunShellScript": talkative } });
    const commandId = await send(region, { InstanceIds: [instanceId] });
    await region.clock.advance(5_000);
    const during = await invocation(region, commandId, instanceId);
    expect(during).toMatchObject({ StatusDetails: "InProgress", StandardOutputContent: "", StandardErrorContent: "" });
    await region.clock.advance(10_000);
    const after = await invocation(region, commandId, instanceId);
    expect(after.StandardOutputContent).toHaveLength(24_000);
    expect(after.StandardErrorContent).toHaveLength(8_000);
  });

  it("shows output in lists only with Details, and shorter (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const commandId = await send(region, { InstanceIds: [instanceId], ...shell(`echo ${"x".repeat(3_000)}`) });
    await region.clock.advance(5_000);
    const { CommandInvocations: brief } = await region.call("ListCommandInvocations", { CommandId: commandId });
    expect(brief?.[0]?.CommandPlugins).toEqual([]);
    const listed = await region.call("ListCommandInvocations", { CommandId: commandId, Details: true });
    const plugin = listed.CommandInvocations?.[0]?.CommandPlugins?.[0];
    expect(plugin).toMatchObject({ Name: "aws:runShellScript", Status: "Success", ResponseCode: 0 });
    expect(plugin?.Output).toHaveLength(2_500);
  });

  it("pages through lists, newest first, undisturbed by new commands", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const sent: string[] = [];
    for (let count = 0; count < 5; count += 1) sent.unshift(await send(region, { InstanceIds: [instanceId] }));
    await region.clock.advance(5_000);
    const first = await region.call("ListCommands", { MaxResults: 2 });
    await send(region, { InstanceIds: [instanceId] });
    await region.clock.advance(5_000);
    const second = await region.call("ListCommands", { MaxResults: 3, NextToken: first.NextToken });
    const ids = [...(first.Commands ?? []), ...(second.Commands ?? [])].map(({ CommandId }) => CommandId);
    expect(ids).toEqual(sent);
    expect(second.NextToken).toBeUndefined();
    const wrong = region.call("ListCommands", { NextToken: "wrong" });
    await expect(wrong).rejects.toMatchObject({ name: "InvalidNextToken" });
  });

  it("filters by status, document, time and stage, but has no filter by comment (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    await send(region, { InstanceIds: [instanceId], ...shell("exit 1") });
    await region.clock.advance(60_000);
    const later = new Date(region.clock.now()).toISOString();
    await send(region, { InstanceIds: [instanceId], ...shell("sleep 100") });
    await region.clock.advance(5_000);
    const count = async (key: string, value: string) =>
      (await region.call("ListCommands", { Filters: [{ key: key as "Status", value }] })).Commands?.length;
    expect(await count("Status", "Failed")).toBe(1);
    expect(await count("Status", "InProgress")).toBe(1);
    expect(await count("DocumentName", "Other")).toBe(0);
    expect(await count("InvokedAfter", later)).toBe(1);
    expect(await count("InvokedBefore", later)).toBe(1);
    expect(await count("ExecutionStage", "Executing")).toBe(1);
    await expect(count("Comment", "batch")).rejects.toMatchObject({ name: "InvalidFilterKey" });
  });
});

describe("statuses", () => {
  it("goes from Pending to InProgress to Success, and tells by events at best effort (aws-semantics 3.6, 3.4)", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const commandId = await send(region, { InstanceIds: [instanceId], ...shell("sleep 3") });
    await region.clock.advance(1_600);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ StatusDetails: "Pending" });
    await region.clock.advance(1_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ StatusDetails: "InProgress" });
    await region.clock.advance(3_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ Status: "Success", ResponseCode: 0 });
    expect(region.events.map(({ detailType, detail }) => [detailType, detail["status"]])).toEqual([
      ["EC2 Command Invocation Status-change Notification", "InProgress"],
      ["EC2 Command Status-change Notification", "InProgress"],
      ["EC2 Command Invocation Status-change Notification", "Success"],
      ["EC2 Command Status-change Notification", "Success"],
    ]);
    expect(region.events[0]).toMatchObject({
      source: "aws.ssm",
      resources: [`arn:aws:ec2:eu-west-1:123456789012:instance/${instanceId}`],
      detail: {
        "command-id": commandId,
        "document-name": "AWS-RunShellScript",
        "instance-id": instanceId,
        "requested-date-time": "2026-03-02T08:00:30.000Z",
      },
    });
  });

  it("carries the parameters in the command's event and in its history: no secret may stand there (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const commandId = await send(region, { InstanceIds: [instanceId], ...shell("echo visible") });
    await region.clock.advance(5_000);
    const event = region.events.find(({ detailType }) => detailType === "EC2 Command Status-change Notification");
    expect(event?.detail).toMatchObject({
      parameters: { commands: ["echo visible"] },
      "expire-after": expect.any(String),
    });
    expect((await command(region, commandId))?.Parameters).toEqual({ commands: ["echo visible"] });
  });

  it("is Failed when the exit code is not zero", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const commandId = await send(region, { InstanceIds: [instanceId], ...shell("exit 3") });
    await region.clock.advance(5_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ StatusDetails: "Failed", ResponseCode: 3 });
    expect(await command(region, commandId)).toMatchObject({ StatusDetails: "Failed", ErrorCount: 1 });
  });

  it("is Success as soon as the agent saw exit code zero, whatever was done (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    region.machine(instanceId).switches.lie("AWS-RunShellScript", { exitCode: 0, stdout: "", stderr: "" });
    const commandId = await send(region, { InstanceIds: [instanceId], ...shell("exit 1") });
    await region.clock.advance(5_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ Status: "Success" });
  });

  it("is Delayed while no agent listens, and runs when it is back in time (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    region.machine(instanceId).switches.freezeAgent();
    const commandId = await send(region, { InstanceIds: [instanceId], TimeoutSeconds: 60 });
    await region.clock.advance(5_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({
      Status: "Delayed",
      StatusDetails: "Delayed",
    });
    region.machine(instanceId).switches.thawAgent();
    await region.clock.advance(5_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ Status: "Success" });
  });

  it("does not start any more once TimeoutSeconds have passed: that is the time to start, not to run (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const [late = "", running = ""] = await region.online(2);
    region.machine(late).switches.freezeAgent();
    const input = { TimeoutSeconds: 60, ...shell("sleep 100", "echo ran") };
    const commandId = await send(region, { InstanceIds: [late, running], ...input });
    await region.clock.advance(61_000);
    region.machine(late).switches.thawAgent();
    await region.clock.advance(60_000);
    expect(await invocation(region, commandId, running)).toMatchObject({
      Status: "Success",
      StandardOutputContent: "ran\n",
    });
    expect(await invocation(region, commandId, late)).toMatchObject({ Status: "Delayed", ExecutionStartDateTime: "" });
  });

  it("is Delivery Timed Out when delivery and execution time-out together have passed (aws-semantics 3.6)", async () => {
    const region = testRegion();
    await region.call("CreateDocument", scriptDocument({ timeoutSeconds: 100 }));
    const [instanceId = ""] = await region.online(1);
    region.machine(instanceId).switches.freezeAgent();
    const commandId = await send(region, {
      DocumentName: "Test",
      Parameters: {},
      InstanceIds: [instanceId],
      TimeoutSeconds: 60,
    });
    await region.clock.advance(159_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ StatusDetails: "Delayed" });
    await region.clock.advance(1_000);
    const outcome = { Status: "TimedOut", StatusDetails: "DeliveryTimedOut" };
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ ...outcome, ResponseCode: -1 });
    expect(await command(region, commandId)).toMatchObject({ ...outcome, DeliveryTimedOutCount: 1, ErrorCount: 0 });
  });

  it("is Execution Timed Out when the agent stops what runs too long (aws-semantics 3.6)", async () => {
    const region = testRegion();
    await region.call("CreateDocument", scriptDocument({ timeoutSeconds: 100, script: ["sleep 1000"] }));
    const [instanceId = ""] = await region.online(1);
    const commandId = await send(region, { DocumentName: "Test", Parameters: {}, InstanceIds: [instanceId] });
    await region.clock.advance(103_000);
    const outcome = { Status: "TimedOut", StatusDetails: "ExecutionTimedOut" };
    expect(await invocation(region, commandId, instanceId)).toMatchObject(outcome);
    expect(await command(region, commandId)).toMatchObject({ ...outcome, ErrorCount: 1 });
  });

  it("stays InProgress when the machine dies in the middle, until the total has passed (aws-semantics 3.6)", async () => {
    const region = testRegion();
    await region.call("CreateDocument", scriptDocument({ timeoutSeconds: 100, script: ["sleep 50"] }));
    const [instanceId = ""] = await region.online(1);
    const commandId = await send(region, {
      DocumentName: "Test",
      Parameters: {},
      InstanceIds: [instanceId],
      TimeoutSeconds: 60,
    });
    await region.clock.advance(10_000);
    region.machine(instanceId).powerOff("kill");
    await region.clock.advance(149_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ StatusDetails: "InProgress" });
    await region.clock.advance(1_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ StatusDetails: "DeliveryTimedOut" });
  });

  it("ignores what an agent reports after the command expired", async () => {
    const region = testRegion();
    await region.call("CreateDocument", scriptDocument({ timeoutSeconds: 100 }));
    const [instanceId = ""] = await region.online(1);
    const commandId = await send(region, {
      DocumentName: "Test",
      Parameters: {},
      InstanceIds: [instanceId],
      TimeoutSeconds: 60,
    });
    await region.clock.advance(1_900);
    await region.clock.advanceUntil(async () => (await command(region, commandId))?.Status === "Success", 5_000);
    const other = await send(region, {
      DocumentName: "Test",
      Parameters: {},
      InstanceIds: [instanceId],
      TimeoutSeconds: 60,
    });
    region.machine(instanceId).switches.hangDocuments(true);
    await region.clock.advance(3_000);
    region.machine(instanceId).switches.freezeAgent();
    await region.clock.advance(200_000);
    region.machine(instanceId).switches.thawAgent();
    await region.clock.advance(1_000);
    expect(await invocation(region, other, instanceId)).toMatchObject({ StatusDetails: "DeliveryTimedOut" });
  });

  it("is Undeliverable for an instance that is gone or never registered, and that spoils nothing: one Success of five is Success (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const [online = ""] = await region.online(1);
    const unregistered = Array.from({ length: 4 }, () => region.launch());
    const commandId = await send(region, { Targets: [{ Key: "InstanceIds", Values: [online, ...unregistered] }] });
    await region.clock.advance(5_000);
    expect(await tally(region, commandId)).toEqual({ Success: 1, Undeliverable: 4 });
    expect(await command(region, commandId)).toMatchObject({
      Status: "Success",
      StatusDetails: "Success",
      ErrorCount: 0,
    });
  });

  it("is Incomplete when not all succeeded and not enough failed (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const failed = await region.online(1, { programs: { "AWS-RunShellScript": failing } });
    const well = await region.online(2);
    const commandId = await send(region, { InstanceIds: [...failed, ...well], MaxErrors: "1" });
    await region.clock.advance(20_000);
    expect(await command(region, commandId)).toMatchObject({ StatusDetails: "Incomplete" });
  });

  it("ends at once with tags that match nothing, and nothing ran (aws-semantics 3.6)", async () => {
    const region = testRegion();
    await region.online(1);
    const commandId = await send(region, { Targets: [{ Key: "tag:site", Values: ["none"] }] });
    await region.clock.advance(2_000);
    expect(await command(region, commandId)).toMatchObject({ StatusDetails: "NoInstancesInTag", TargetCount: 0 });
  });

  it("is Invalid Platform for a step that the machine cannot run (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const document = scriptDocument({});
    const Content = document.Content.replace("aws:runShellScript", "aws:runPowerShellScript");
    await region.call("CreateDocument", { ...document, Content });
    const commandId = await send(region, { DocumentName: "Test", Parameters: {}, InstanceIds: [instanceId] });
    await region.clock.advance(5_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({
      Status: "Failed",
      StatusDetails: "InvalidPlatform",
    });
  });
});

describe("limits of a command", () => {
  it("runs on no more than MaxConcurrency instances at a time", async () => {
    const region = testRegion();
    await region.online(10, { tags: { site: "one" } });
    const Targets = [{ Key: "tag:site", Values: ["one"] }];
    const commandId = await send(region, { Targets, MaxConcurrency: "20%", ...shell("sleep 10") });
    await region.clock.advance(3_000);
    expect(await tally(region, commandId)).toEqual({ InProgress: 2, Pending: 8 });
    await region.clock.advance(12_000);
    expect(await tally(region, commandId)).toEqual({ Success: 2, InProgress: 2, Pending: 6 });
    await region.clock.advance(60_000);
    expect(await command(region, commandId)).toMatchObject({ Status: "Success", CompletedCount: 10 });
  });

  it("terminates the rest when MaxErrors is passed; what already runs still finishes (aws-semantics 3.6)", async () => {
    const region = testRegion();
    const well = await region.online(1, { tags: { site: "one" } });
    await region.online(5, { tags: { site: "one" }, programs: { "AWS-RunShellScript": failing } });
    const Targets = [{ Key: "tag:site", Values: ["one"] }];
    const commandId = await send(region, { Targets, MaxConcurrency: "3", ...shell("sleep 20") });
    await region.clock.advance(15_000);
    expect(await tally(region, commandId)).toEqual({ InProgress: 1, Failed: 2, Terminated: 3 });
    await region.clock.advance(15_000);
    expect(await invocation(region, commandId, well[0] ?? "")).toMatchObject({ Status: "Success" });
    expect(await command(region, commandId)).toMatchObject({
      Status: "Failed",
      StatusDetails: "Failed",
      ErrorCount: 2,
    });
  });

  it("caps failures exactly only with MaxConcurrency 1 (aws-semantics 3.6)", async () => {
    const region = testRegion();
    await region.online(5, { tags: { site: "one" }, programs: { "AWS-RunShellScript": failing } });
    const Targets = [{ Key: "tag:site", Values: ["one"] }];
    const commandId = await send(region, { Targets, MaxConcurrency: "1", MaxErrors: "1" });
    await region.clock.advance(60_000);
    expect(await tally(region, commandId)).toEqual({ Failed: 2, Terminated: 3 });
  });

  it("carries a command to a thousand nodes in little time", async () => {
    const region = testRegion();
    await region.online(1_000, { tags: { site: "one" } });
    const Targets = [{ Key: "tag:site", Values: ["one"] }];
    const commandId = await send(region, { Targets, MaxConcurrency: "1000" });
    await region.clock.advance(5_000);
    expect(await command(region, commandId)).toMatchObject({ Status: "Success", CompletedCount: 1_000 });
    expect(region.events).toHaveLength(2 * 1_000 + 2);
  });
});

describe("cancelling", () => {
  it("stops what runs and never starts what waits", async () => {
    const region = testRegion();
    const instanceIds = await region.online(2);
    const commandId = await send(region, { InstanceIds: instanceIds, MaxConcurrency: "1", ...shell("sleep 60") });
    await region.clock.advance(5_000);
    await region.call("CancelCommand", { CommandId: commandId });
    await region.clock.advance(1_000);
    expect(await tally(region, commandId)).toEqual({ Cancelled: 2 });
    expect(await command(region, commandId)).toMatchObject({ Status: "Cancelled", StatusDetails: "Cancelled" });
  });

  it("gives the place of an invocation that never started to nobody", async () => {
    const region = testRegion();
    const [running = "", waiting = "", last = ""] = await region.online(3);
    const InstanceIds = [running, waiting, last];
    const commandId = await send(region, { InstanceIds, MaxConcurrency: "1", ...shell("sleep 60") });
    await region.clock.advance(5_000);
    await region.call("CancelCommand", { CommandId: commandId, InstanceIds: [last] });
    await region.clock.advance(5_000);
    expect(await tally(region, commandId)).toEqual({ InProgress: 1, Pending: 1, Cancelled: 1 });
  });

  it("gives no guarantee: with a silent agent the invocation stays Cancelling", async () => {
    const region = testRegion();
    const [instanceId = ""] = await region.online(1);
    const commandId = await send(region, { InstanceIds: [instanceId], ...shell("sleep 60") });
    await region.clock.advance(5_000);
    region.machine(instanceId).switches.freezeAgent();
    await region.call("CancelCommand", { CommandId: commandId });
    await region.clock.advance(600_000);
    expect(await invocation(region, commandId, instanceId)).toMatchObject({ Status: "Cancelling" });
  });

  it("cancels some instances of a command and answers InvalidCommandId for an unknown one", async () => {
    const region = testRegion();
    const [one = "", other = ""] = await region.online(2);
    const commandId = await send(region, { InstanceIds: [one, other], ...shell("sleep 10") });
    await region.clock.advance(5_000);
    await region.call("CancelCommand", { CommandId: commandId, InstanceIds: [one] });
    await region.clock.advance(20_000);
    expect(await tally(region, commandId)).toEqual({ Cancelled: 1, Success: 1 });
    const CommandId = "00000000-0000-4000-8000-000000000000";
    await expect(region.call("CancelCommand", { CommandId })).rejects.toMatchObject({ name: "InvalidCommandId" });
  });
});
