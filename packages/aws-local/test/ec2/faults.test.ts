import { DescribeInstanceStatusCommand, DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { beforeEach, describe, expect, it } from "vitest";
import { START, STOP, startAt, type TestRegion, testRegion } from "./region.ts";

const HOUR = 3_600_000;
let region: TestRegion;
beforeEach(() => {
  region = testRegion();
});

async function runningSpot(): Promise<string> {
  const { instanceId } = region.launch({ spot: true, zone: "eu-west-1b" });
  await region.clock.advance(START);
  return instanceId;
}
const stateOf = (instanceId: string) => region.ec2.instances.find(instanceId)?.state;
const eventsOf = (detailType: string) => region.events.filter((event) => event.detailType === detailType);

describe("a Spot interruption", () => {
  it("is announced two minutes ahead, on the bus and in the instance metadata (aws-semantics 3.4)", async () => {
    const id = await runningSpot();
    region.ec2.faults.interruptSpot(id);
    expect(eventsOf("EC2 Spot Instance Interruption Warning")).toEqual([
      {
        source: "aws.ec2",
        detailType: "EC2 Spot Instance Interruption Warning",
        resources: [`arn:aws:ec2:eu-west-1b:instance/${id}`],
        detail: { "instance-id": id, "instance-action": "terminate" },
      },
    ]);
    expect(region.host(id).metadata.spotAction).toEqual({ action: "terminate", time: "2026-03-02T08:02:12Z" });
  });

  it("ends the instance when the two minutes are over, whatever hooks there are (aws-semantics 3.1)", async () => {
    const id = await runningSpot();
    region.ec2.faults.interruptSpot(id);
    await region.clock.advance(119_999);
    expect(stateOf(id)).toBe("running");
    await region.clock.advance(1);
    expect(stateOf(id)).toBe("shutting-down");
    await region.clock.advance(STOP);
    const { Reservations } = await region.client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    expect(Reservations?.[0]?.Instances?.[0]?.StateReason?.Code).toBe("Server.SpotInstanceTermination");
  });

  it("ends a protected instance too", async () => {
    const id = await region.running({ DisableApiTermination: true, InstanceMarketOptions: { MarketType: "spot" } });
    region.ec2.faults.interruptSpot(id, 5_000);
    await region.clock.advance(5_000);
    expect(stateOf(id)).toBe("shutting-down");
  });

  it("happens to Spot Instances only", async () => {
    const id = await region.running();
    expect(() => region.ec2.faults.interruptSpot(id)).toThrow("is not a Spot Instance");
    expect(() => region.ec2.faults.recommendRebalance(id)).toThrow("is not a Spot Instance");
  });
});

describe("a rebalance recommendation", () => {
  it("is told on the bus and in the instance metadata, and ends nothing (aws-semantics 3.4)", async () => {
    const id = await runningSpot();
    region.ec2.faults.recommendRebalance(id);
    expect(eventsOf("EC2 Instance Rebalance Recommendation")).toMatchObject([{ detail: { "instance-id": id } }]);
    expect(region.host(id).metadata.rebalance).toEqual({ noticeTime: "2026-03-02T08:00:12Z" });
    await region.clock.advance(HOUR);
    expect(stateOf(id)).toBe("running");
  });
});

describe("scheduled maintenance", () => {
  const notBefore = startAt + 2 * HOUR;
  const scheduled = async (id: string) =>
    (await region.client.send(new DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true })))
      .InstanceStatuses?.[0]?.Events;

  it("is an AWS Health event with RFC 1123 times and bare ids (aws-semantics 3.4)", async () => {
    const id = await region.running();
    region.ec2.faults.scheduleMaintenance(id, { code: "instance-retirement", notBefore });
    expect(eventsOf("AWS Health Event")).toMatchObject([
      {
        source: "aws.health",
        resources: [id],
        detail: {
          service: "EC2",
          eventTypeCode: "AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED",
          eventTypeCategory: "scheduledChange",
          startTime: "Mon, 02 Mar 2026 10:00:00 GMT",
          eventRegion: "eu-west-1",
          affectedEntities: [{ entityValue: id }],
        },
      },
    ]);
  });

  it("shows in the instance metadata and in DescribeInstanceStatus", async () => {
    const id = await region.running();
    const eventId = region.ec2.faults.scheduleMaintenance(id, { code: "system-reboot", notBefore });
    expect(region.host(id).metadata.maintenance).toEqual([
      { code: "system-reboot", notBefore: "2 Mar 2026 10:00:00 GMT", state: "active" },
    ]);
    expect(await scheduled(id)).toMatchObject([
      { InstanceEventId: eventId, Code: "system-reboot", NotBefore: new Date(notBefore) },
    ]);
  });

  it("reboots, or stops, the instance at its time", async () => {
    const rebooted = await region.running();
    const retired = await region.running();
    region.ec2.faults.scheduleMaintenance(rebooted, { code: "instance-reboot", notBefore });
    region.ec2.faults.scheduleMaintenance(retired, { code: "instance-retirement", notBefore });
    await region.clock.advance(2 * HOUR + STOP);
    expect([stateOf(rebooted), stateOf(retired)]).toEqual(["running", "stopped"]);
    expect(region.host(rebooted).deeds).toEqual(["on", "shutdown", "on"]);
    expect(await scheduled(rebooted)).toMatchObject([{ Description: expect.stringMatching(/^\[Completed\] /) }]);
  });

  it("can be called off", async () => {
    const id = await region.running();
    const eventId = region.ec2.faults.scheduleMaintenance(id, { code: "instance-stop", notBefore });
    region.ec2.faults.cancelMaintenance(id, eventId);
    await region.clock.advance(3 * HOUR);
    expect(stateOf(id)).toBe("running");
    expect(region.host(id).metadata.maintenance).toMatchObject([{ state: "canceled" }]);
    expect(await scheduled(id)).toMatchObject([{ Description: expect.stringMatching(/^\[Canceled\] /) }]);
    expect(eventsOf("AWS Health Event").map(({ detail }) => detail["statusCode"])).toEqual(["upcoming", "closed"]);
  });

  it("is settled by a stop and a start, which moves the instance to another host", async () => {
    const id = await region.running();
    region.ec2.faults.scheduleMaintenance(id, { code: "instance-stop", notBefore });
    region.ec2.instances.stop(id);
    await region.clock.advance(STOP);
    region.ec2.instances.start(id);
    await region.clock.advance(3 * HOUR);
    expect(stateOf(id)).toBe("running");
    expect(region.host(id).metadata.maintenance).toMatchObject([{ state: "completed" }]);
  });
});
