import { virtualClock } from "@warden/aws-local/clock";
import { createMachine } from "@warden/aws-local/hosts/machine";
import { quickProfile } from "@warden/aws-local/hosts/profile";
import { seededRandom } from "@warden/aws-local/random";
import type { Instances, Surroundings } from "@warden/aws-local/region";
import { createSsm } from "@warden/aws-local/services/ssm/index";
import { noDelays } from "@warden/aws-local/timings";
import { bootstrapOutput, documents, verifyOutput } from "@warden/moodle";
import { expect, it } from "vitest";
import { healthySharedParts, moodleNode, quickNode } from "../../src/index.ts";
import { desired, instance, startAt } from "./bench.ts";

const timings = { ...noDelays, commandDelivery: { low: 50, high: 100 } };

/** The embedded Systems Manager with one quick Moodle node. */
function region() {
  const clock = virtualClock({ startAt });
  const surroundings: Surroundings = {
    clock,
    random: seededRandom(5),
    region: "eu-west-1",
    account: "123456789012",
    timings,
  };
  const unused = (): never => {
    throw new Error("not needed here");
  };
  const instances: Instances = {
    find: (instanceId) => (instanceId === instance.instanceId ? instance : undefined),
    launch: unused,
    terminate: unused,
    stop: unused,
    start: unused,
    findByIp: unused,
    setStatusChecks: unused,
    statusChecks: unused,
    onStateChange: unused,
  };
  const hosts = { find: (instanceId: string) => (instanceId === instance.instanceId ? machine : undefined) };
  const { service, agents } = createSsm(surroundings, { hosts, instances, events: { emit() {} } });
  const calls = { tell: async () => {}, lastGood: async () => undefined, completeLaunch: async () => {} };
  const machine = createMachine({
    clock,
    random: surroundings.random,
    instance,
    agents,
    profile: quickProfile,
    install: moodleNode({ shared: healthySharedParts(desired.release), timings: quickNode, calls }),
  });
  async function call(name: string, input: object): Promise<unknown> {
    const operation = service.operations[name] as ((input: object, call: object) => unknown) | undefined;
    if (operation === undefined) throw new Error(`${name} is not modelled`);
    return operation(input, { principal: { kind: "user" }, requestId: "request" });
  }
  return { clock, machine, call };
}

it("brings a node up by Warden's own documents through Run Command, on a laptop within 5 s", async () => {
  const { clock, machine, call } = region();
  for (const { name, content } of documents)
    await call("CreateDocument", { Name: name, DocumentType: "Command", Content: JSON.stringify(content) });
  machine.powerOn();
  await clock.advance(1_800);

  async function run(document: string, milliseconds: number): Promise<unknown> {
    const Parameters = {
      BatchId: [`batch-${document}`],
      Site: ["moodle"],
      Release: [desired.release],
      Digest: [desired.digest],
    };
    const sent = await call("SendCommand", { DocumentName: document, InstanceIds: [instance.instanceId], Parameters });
    expect(sent).toMatchObject({ Command: { DocumentName: document } });
    await clock.advance(milliseconds);
    const { Command } = sent as { Command: { CommandId: string } };
    const listed = await call("ListCommandInvocations", { CommandId: Command.CommandId, Details: true });
    const { CommandInvocations } = listed as { CommandInvocations: { CommandPlugins: { Output: string }[] }[] };
    return JSON.parse(CommandInvocations[0]?.CommandPlugins[0]?.Output.trimEnd() ?? "");
  }

  expect(bootstrapOutput.parse(await run("Warden-Bootstrap", 2_100))).toEqual({ v: 1, ok: true, ...desired });
  expect(verifyOutput.parse(await run("Warden-Verify", 700))).toMatchObject({ verdict: "ok" });
  expect(machine.software.isReady()).toBe(true);
});
