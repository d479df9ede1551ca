import {
  DescribeInstancesCommand,
  ModifyInstanceAttributeCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { beforeEach, describe, expect, it } from "vitest";
import { START, STOP, type TestRegion, testRegion } from "./region.ts";

const HOUR = 3_600_000;
let region: TestRegion;
beforeEach(() => {
  region = testRegion();
});

const terminate = (...InstanceIds: string[]) => region.client.send(new TerminateInstancesCommand({ InstanceIds }));
const stop = (...InstanceIds: string[]) => region.client.send(new StopInstancesCommand({ InstanceIds }));
const start = (...InstanceIds: string[]) => region.client.send(new StartInstancesCommand({ InstanceIds }));
const stateOf = (instanceId: string) => region.ec2.instances.find(instanceId)?.state;
const statesTold = (instanceId: string) =>
  region.events
    .filter(({ detail }) => detail["instance-id"] === instanceId)
    .map(({ detailType, detail }) => [detailType, detail["state"]]);

describe("an instance's life", () => {
  it("is pending at once and running after the start time, and only then the machine is powered on", async () => {
    const { instanceId, state } = region.launch();
    expect(state).toBe("pending");
    await region.clock.advance(START - 1);
    expect(stateOf(instanceId)).toBe("pending");
    expect(region.host(instanceId).deeds).toEqual([]);
    await region.clock.advance(1);
    expect(stateOf(instanceId)).toBe("running");
    expect(region.host(instanceId).deeds).toEqual(["on"]);
  });

  it("puts an EC2 Instance State-change Notification on the bus for every state (aws-semantics 3.4)", async () => {
    const id = await region.running();
    await stop(id);
    await region.clock.advance(STOP);
    await start(id);
    await region.clock.advance(START);
    await terminate(id);
    await region.clock.advance(STOP);
    const states = ["pending", "running", "stopping", "stopped", "pending", "running", "shutting-down", "terminated"];
    expect(statesTold(id)).toEqual(states.map((state) => ["EC2 Instance State-change Notification", state]));
    expect(region.events[0]).toMatchObject({
      source: "aws.ec2",
      resources: [`arn:aws:ec2:eu-west-1:123456789012:instance/${id}`],
    });
    expect(region.changes.map(({ from, to }) => `${from} → ${to}`)).toEqual(
      states.slice(1).map((state, index) => `${states[index]} → ${state}`),
    );
  });

  it("shuts the machine down when it ends, and disposes of it at the end", async () => {
    const id = await region.running();
    await terminate(id);
    expect(region.host(id).deeds).toEqual(["on", "shutdown"]);
    expect(region.ec2.hosts.find(id)).toBe(region.host(id));
    await region.clock.advance(STOP);
    expect(region.host(id).deeds).toEqual(["on", "shutdown", "disposed"]);
    expect(region.ec2.hosts.find(id)).toBeUndefined();
  });

  it("is never powered on when it is terminated while pending", async () => {
    const { instanceId } = region.launch();
    await terminate(instanceId);
    expect(stateOf(instanceId)).toBe("shutting-down");
    await region.clock.advance(START + STOP);
    expect(stateOf(instanceId)).toBe("terminated");
    expect(region.host(instanceId).deeds).toEqual(["disposed"]);
  });

  it("is shown for about an hour after its end, and then forgotten", async () => {
    const id = await region.running();
    await terminate(id);
    await region.clock.advance(STOP + HOUR - 1);
    const shown = await region.client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    expect(shown.Reservations?.[0]?.Instances?.[0]?.State).toEqual({ Code: 48, Name: "terminated" });
    await region.clock.advance(1);
    expect(region.ec2.instances.find(id)).toBeUndefined();
    await expect(region.client.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: "InvalidInstanceID.NotFound",
    });
  });

  it("keeps its address, id and machine through a stop and a start", async () => {
    const id = await region.running();
    const before = region.ec2.instances.find(id);
    await stop(id);
    await region.clock.advance(STOP);
    expect(stateOf(id)).toBe("stopped");
    await start(id);
    await region.clock.advance(START);
    expect(region.ec2.instances.find(id)).toMatchObject({ state: "running", privateIp: before?.privateIp });
    expect(region.host(id).deeds).toEqual(["on", "shutdown", "on"]);
  });

  it("cuts the power when a stop is forced", async () => {
    const id = await region.running();
    await region.client.send(new StopInstancesCommand({ InstanceIds: [id], Force: true }));
    expect(region.host(id).deeds).toEqual(["on", "kill"]);
  });

  it("goes from stopped to terminated without shutting down", async () => {
    const id = await region.running();
    await stop(id);
    await region.clock.advance(STOP);
    const { TerminatingInstances } = await terminate(id);
    expect(TerminatingInstances?.[0]).toMatchObject({
      PreviousState: { Name: "stopped" },
      CurrentState: { Name: "terminated" },
    });
  });

  it("stays running through a reboot", async () => {
    const id = await region.running();
    await region.client.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    expect(stateOf(id)).toBe("running");
    await region.clock.advance(STOP);
    expect(region.host(id).deeds).toEqual(["on", "shutdown", "on"]);
    expect(statesTold(id)).toHaveLength(2);
  });

  it("is not powered on by a reboot that its end overtook", async () => {
    const id = await region.running();
    await region.client.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    await terminate(id);
    await region.clock.advance(STOP);
    expect(region.host(id).deeds).toEqual(["on", "shutdown", "shutdown", "disposed"]);
  });
});

describe("TerminateInstances", () => {
  it("answers with the previous and the current state, and again when repeated", async () => {
    const id = await region.running();
    const first = await terminate(id);
    expect(first.TerminatingInstances).toEqual([
      {
        InstanceId: id,
        PreviousState: { Code: 16, Name: "running" },
        CurrentState: { Code: 32, Name: "shutting-down" },
      },
    ]);
    const second = await terminate(id);
    expect(second.TerminatingInstances).toEqual([
      {
        InstanceId: id,
        PreviousState: { Code: 32, Name: "shutting-down" },
        CurrentState: { Code: 32, Name: "shutting-down" },
      },
    ]);
    await region.clock.advance(STOP);
    expect((await terminate(id)).TerminatingInstances?.[0]?.CurrentState?.Name).toBe("terminated");
  });

  it("answers InvalidInstanceID.NotFound for an unknown id, and then ends none of the others", async () => {
    const id = await region.running();
    await expect(terminate(id, "i-0123456789abcdef0")).rejects.toMatchObject({
      name: "InvalidInstanceID.NotFound",
      message: "The instance ID 'i-0123456789abcdef0' does not exist",
    });
    expect(stateOf(id)).toBe("running");
  });

  it("answers InvalidInstanceID.Malformed for what is no instance id", async () => {
    await expect(terminate("moodle")).rejects.toMatchObject({
      name: "InvalidInstanceID.Malformed",
      message: 'Invalid id: "moodle"',
    });
  });

  it("spares a protected instance and those in its zone, and ends those in other zones", async () => {
    const [guarded, beside, elsewhere] = ["eu-west-1a", "eu-west-1a", "eu-west-1b"].map(
      (zone) => region.launch({ zone }).instanceId,
    );
    await region.clock.advance(START);
    const protection = { InstanceId: guarded, DisableApiTermination: { Value: true } };
    await region.client.send(new ModifyInstanceAttributeCommand(protection));
    await expect(terminate(guarded ?? "", beside ?? "", elsewhere ?? "")).rejects.toMatchObject({
      name: "OperationNotPermitted",
    });
    expect([guarded, beside, elsewhere].map((id) => stateOf(id ?? ""))).toEqual([
      "running",
      "running",
      "shutting-down",
    ]);
  });

  it("does not protect from Auto Scaling, which ends protected instances all the same", async () => {
    const id = await region.running({ DisableApiTermination: true });
    region.ec2.instances.terminate(id, "User initiated");
    expect(stateOf(id)).toBe("shutting-down");
  });

  it("says why the instance ended", async () => {
    const id = await region.running();
    await terminate(id);
    const { Reservations } = await region.client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      StateTransitionReason: "User initiated (2026-03-02 08:00:12 GMT)",
      StateReason: {
        Code: "Client.UserInitiatedShutdown",
        Message: "Client.UserInitiatedShutdown: User initiated shutdown",
      },
    });
  });
});

describe("StopInstances and StartInstances", () => {
  it("answer IncorrectInstanceState where there is nothing to stop or start", async () => {
    const { instanceId } = region.launch();
    await expect(stop(instanceId)).rejects.toMatchObject({ name: "IncorrectInstanceState" });
    await terminate(instanceId);
    await expect(start(instanceId)).rejects.toMatchObject({ name: "IncorrectInstanceState" });
  });

  it("do nothing to what is stopped or running already", async () => {
    const id = await region.running();
    expect((await start(id)).StartingInstances?.[0]?.CurrentState?.Name).toBe("running");
    await stop(id);
    await region.clock.advance(STOP);
    expect((await stop(id)).StoppingInstances?.[0]?.CurrentState?.Name).toBe("stopped");
  });

  it("do nothing at all when one instance of several is in a wrong state", async () => {
    const id = await region.running();
    const { instanceId } = region.launch();
    await expect(stop(id, instanceId)).rejects.toMatchObject({ name: "IncorrectInstanceState" });
    expect(stateOf(id)).toBe("running");
  });

  it("need capacity for a start", async () => {
    const id = await region.running({ Placement: { AvailabilityZone: "eu-west-1a" } });
    await stop(id);
    await region.clock.advance(STOP);
    region.ec2.faults.exhaustCapacity("eu-west-1a");
    await expect(start(id)).rejects.toMatchObject({ name: "InsufficientInstanceCapacity" });
    expect(stateOf(id)).toBe("stopped");
  });

  it("refuse a Spot Instance of a one-time request with UnsupportedOperation", async () => {
    const id = await region.running({ InstanceMarketOptions: { MarketType: "spot" } });
    await expect(stop(id)).rejects.toMatchObject({ name: "UnsupportedOperation" });
  });
});

describe("ModifyInstanceAttribute", () => {
  it("refuses attributes that are not modelled", async () => {
    const id = await region.running();
    const modification = { InstanceId: id, SourceDestCheck: { Value: false } };
    await expect(region.client.send(new ModifyInstanceAttributeCommand(modification))).rejects.toMatchObject({
      name: "NotImplemented",
    });
  });
});
