import { expect, it } from "vitest";
import { testRegion } from "./surroundings.ts";

it("knows an instance only once its agent has registered (aws-semantics 3.6)", async () => {
  const region = testRegion();
  const instanceId = region.launch();
  await region.clock.advance(29_000);
  expect((await region.call("DescribeInstanceInformation", {})).InstanceInformationList).toEqual([]);
  await region.clock.advance(1_000);
  expect((await region.call("DescribeInstanceInformation", {})).InstanceInformationList).toMatchObject([
    { InstanceId: instanceId, PingStatus: "Online", ResourceType: "EC2Instance", PlatformType: "Linux" },
  ]);
});

it("shows a dead agent Online until its last ping is old enough, then ConnectionLost (aws-semantics 3.6)", async () => {
  const region = testRegion();
  const [instanceId = ""] = await region.online(1);
  const status = async () =>
    (await region.call("DescribeInstanceInformation", {})).InstanceInformationList?.[0]?.PingStatus;
  await region.clock.advance(3_600_000);
  expect(await status()).toBe("Online");
  region.machine(instanceId).powerOff("kill");
  await region.clock.advance(5 * 60_000);
  expect(await status()).toBe("Online");
  await region.clock.advance(6 * 60_000);
  expect(await status()).toBe("ConnectionLost");
});

it("may not know yet of an agent that has just registered", async () => {
  const region = testRegion({ staleReads: { low: 2_000, high: 2_000 } });
  await region.online(1);
  expect((await region.call("DescribeInstanceInformation", {})).InstanceInformationList).toEqual([]);
  await region.clock.advance(2_000);
  expect((await region.call("DescribeInstanceInformation", {})).InstanceInformationList).toHaveLength(1);
});

it("gives ten instances a page unless told, and filters by id, ping status and tag", async () => {
  const region = testRegion();
  const [first = "", second = ""] = await region.online(12, { tags: { site: "one" } });
  const [other = ""] = await region.online(1, { tags: { site: "two" } });
  region.machine(second).switches.freezeAgent();
  await region.clock.advance(12 * 60_000);

  const page = await region.call("DescribeInstanceInformation", {});
  expect(page.InstanceInformationList).toHaveLength(10);
  const rest = await region.call("DescribeInstanceInformation", { NextToken: page.NextToken });
  expect(rest.InstanceInformationList).toHaveLength(3);

  const found = async (Key: string, ...Values: string[]) => {
    const answer = await region.call("DescribeInstanceInformation", { Filters: [{ Key, Values }], MaxResults: 50 });
    return answer.InstanceInformationList?.map(({ InstanceId }) => InstanceId);
  };
  expect(await found("InstanceIds", first, other)).toEqual([first, other]);
  expect(await found("PingStatus", "ConnectionLost")).toEqual([second]);
  expect(await found("PingStatus", "Inactive")).toEqual([]);
  expect(await found("tag:site", "two")).toEqual([other]);
  await expect(found("Colour", "red")).rejects.toMatchObject({ name: "InvalidFilterKey" });
});

it("does not combine tag filters with others", async () => {
  const region = testRegion();
  const Filters = [
    { Key: "tag:site", Values: ["one"] },
    { Key: "PingStatus", Values: ["Online"] },
  ];
  const combined = region.call("DescribeInstanceInformation", { Filters });
  await expect(combined).rejects.toMatchObject({ name: "ValidationException" });
});
