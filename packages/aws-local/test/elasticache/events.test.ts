import { describe, expect, it } from "vitest";
import { CREATION, HOUR, MINUTE, ReplicationGroupId, testRegion, twoNodes } from "./region.ts";

const DAY = 24 * HOUR;
const nodeGroup = { ReplicationGroupId, NodeGroupId: "0001" };

describe("DescribeEvents (API reference)", () => {
  it("tells what the AWS CLI reference and the User Guide show of a new group, the newest first", async () => {
    const { client, clock } = testRegion();
    await client.createReplicationGroup(twoNodes);
    await clock.advance(CREATION);
    const ofGroup = { SourceIdentifier: "Moodle", SourceType: "replication-group" } as const;
    expect((await client.describeEvents(ofGroup)).Events).toEqual(
      ["Automatic failover has been turned on for replication group moodle", "Replication group moodle created"].map(
        (Message) => ({
          ...{ SourceIdentifier: "moodle", SourceType: "replication-group", Message },
          Date: new Date(clock.now()),
        }),
      ),
    );
    const ofClusters = await client.describeEvents({ SourceType: "cache-cluster" });
    expect(ofClusters.Events?.map(({ SourceIdentifier, Message }) => [SourceIdentifier, Message])).toEqual([
      ["moodle-002", "Added cache node 0001 in availability zone eu-west-1b"],
      ["moodle-002", "Cache cluster created"],
      ["moodle-001", "Added cache node 0001 in availability zone eu-west-1a"],
      ["moodle-001", "Cache cluster created"],
    ]);
    const ofOne = await client.describeEvents({ SourceIdentifier: "moodle-002" });
    expect(ofOne.Events).toEqual(ofClusters.Events?.slice(0, 2));
    expect((await client.describeEvents({ SourceType: "user-group" })).Events).toEqual([]);
  });

  it("looks back one hour, or as many minutes as Duration says", async () => {
    const { client, clock, available } = testRegion();
    await available();
    const count = async (Duration?: number) => (await client.describeEvents({ Duration })).Events?.length;
    await clock.advance(HOUR);
    expect(await count()).toBe(6);
    await clock.advance(1);
    expect(await count()).toBe(0);
    expect(await count(60)).toBe(0);
    expect(await count(61)).toBe(6);
  });

  it("takes the time from StartTime to EndTime", async () => {
    const { client, clock, available } = testRegion();
    await available();
    const created = clock.now();
    await clock.advance(DAY);
    const count = async (from: number | undefined, until: number | undefined) => {
      const StartTime = from === undefined ? undefined : new Date(created + from);
      const EndTime = until === undefined ? undefined : new Date(created + until);
      return (await client.describeEvents({ StartTime, EndTime })).Events?.length;
    };
    expect(await count(0, 0)).toBe(6);
    expect(await count(1000, 2000)).toBe(0);
    expect(await count(-2000, -1000)).toBe(0);
    expect(await count(-1000, undefined)).toBe(6);
    expect(await count(undefined, 59 * MINUTE)).toBe(6);
    expect(await count(undefined, 61 * MINUTE)).toBe(0);
    await expect(count(1000, 0)).rejects.toMatchObject({ name: "InvalidParameterCombinationException" });
    const both = client.describeEvents({ StartTime: new Date(created), Duration: 60 });
    await expect(both).rejects.toMatchObject({ name: "NotImplemented" });
  });

  it("keeps them for fourteen days", async () => {
    const { client, clock, available } = testRegion();
    await available();
    const all = async () => (await client.describeEvents({ Duration: (15 * DAY) / MINUTE })).Events?.length;
    await clock.advance(14 * DAY);
    expect(await all()).toBe(6);
    await clock.advance(1);
    expect(await all()).toBe(0);
  });

  it("gives pages that stay apart while something happens", async () => {
    const { client, clock, available } = testRegion();
    await available();
    for (let tests = 0; tests < 5; tests += 1) {
      await client.testFailover(nodeGroup);
      await clock.advance(HOUR);
    }
    const Duration = DAY / MINUTE;
    const first = await client.describeEvents({ Duration, MaxRecords: 20 });
    await client.testFailover(nodeGroup);
    const second = await client.describeEvents({ Duration, MaxRecords: 20, Marker: first.Marker });
    expect([first.Events?.length, second.Events?.length, second.Marker]).toEqual([20, 11, undefined]);
    const dates = [...(first.Events ?? []), ...(second.Events ?? [])].map((event) => event.Date?.getTime() ?? 0);
    expect(dates).toEqual(dates.toSorted((one, other) => other - one));
    expect(second.Events?.at(-1)).toMatchObject({ SourceIdentifier: "moodle-001", Message: "Cache cluster created" });
  });
});
