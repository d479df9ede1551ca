import {
  APICallRateForCustomerExceededFault,
  ElastiCache,
  InvalidReplicationGroupStateFault,
  NodeGroupNotFoundFault,
  ReplicationGroupNotFoundFault,
  TestFailoverNotAvailableFault,
} from "@aws-sdk/client-elasticache";
import type * as sns from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import { createElastiCache } from "../../src/services/elasticache/elasticache.ts";
import { createSns } from "../../src/services/sns/index.ts";
import { clientConfigTo } from "../lone-service.ts";
import { arnOf, caller, policiesByName, sqsRegion } from "../sqs/harness.ts";
import {
  FAILOVER,
  HOUR,
  RECOVERY,
  RECOVERY_START,
  ReplicationGroupId,
  testRegion,
  topicArn,
  twoNodes,
} from "./region.ts";

const nodeGroup = { ReplicationGroupId, NodeGroupId: "0001" };

/** API reference, TestFailover: the messages in order of occurrence; those after the first are of any failover. */
const failover = [
  "moodle-001: Failover from primary node moodle-001 to replica node moodle-002 completed",
  "moodle: Failover from primary node moodle-001 to replica node moodle-002 completed",
];
const recovery = ["moodle-001: Recovering cache nodes 0001", "moodle-001: Finished recovery for cache nodes 0001"];

describe("TestFailover (API reference)", () => {
  it("makes the replica the primary under the same endpoints, then replaces the old primary", async () => {
    const { client, clock, available, group, roles, eventsAfter } = testRegion();
    await available();
    const endpoints = async () => {
      const { PrimaryEndpoint, ReaderEndpoint, NodeGroupMembers } = (await group())?.NodeGroups?.[0] ?? {};
      return [PrimaryEndpoint, ReaderEndpoint, ...(NodeGroupMembers ?? []).map(({ ReadEndpoint }) => ReadEndpoint)];
    };
    const before = await endpoints();
    const since = clock.now();
    await clock.advance(1);
    const { ReplicationGroup } = await client.testFailover(nodeGroup);
    expect(ReplicationGroup?.Status).toBe("available");
    const called = "moodle: Test Failover API called for node group 0001";
    expect(await eventsAfter(since)).toEqual([called]);
    expect([(await group())?.Status, ...(await roles())]).toEqual([
      "modifying",
      "moodle-001 primary",
      "moodle-002 replica",
    ]);
    await clock.advance(FAILOVER);
    expect(await eventsAfter(since)).toEqual([called, ...failover]);
    expect(await roles()).toEqual(["moodle-001 replica", "moodle-002 primary"]);
    await clock.advance(RECOVERY_START);
    expect(await eventsAfter(since)).toEqual([called, ...failover, recovery[0]]);
    const { CacheClusters } = await client.describeCacheClusters({ ShowCacheNodeInfo: true });
    expect(CacheClusters?.map(({ CacheNodes }) => CacheNodes?.[0]?.CacheNodeStatus)).toEqual(["creating", "available"]);
    await clock.advance(RECOVERY - 1);
    expect((await group())?.Status).toBe("modifying");
    await clock.advance(1);
    expect(await eventsAfter(since)).toEqual([called, ...failover, ...recovery]);
    expect((await group())?.Status).toBe("available");
    expect(await roles()).toEqual(["moodle-001 replica", "moodle-002 primary"]);
    expect(await endpoints()).toEqual(before);
  });

  it("is refused for another node group, an unknown group, without failover, and while the last one is under way", async () => {
    const { client, available } = testRegion();
    await available();
    await expect(client.testFailover({ ...nodeGroup, NodeGroupId: "0002" })).rejects.toThrow(NodeGroupNotFoundFault);
    await expect(client.testFailover({ ...nodeGroup, ReplicationGroupId: "x" })).rejects.toThrow(
      ReplicationGroupNotFoundFault,
    );
    await client.testFailover(nodeGroup);
    await expect(client.testFailover(nodeGroup)).rejects.toThrow(InvalidReplicationGroupStateFault);
    const other = testRegion();
    await other.available({ AutomaticFailoverEnabled: false });
    await expect(other.client.testFailover(nodeGroup)).rejects.toThrow(TestFailoverNotAvailableFault);
  });

  it("tests fifteen node groups in any 24 hours", async () => {
    const { client, clock, available } = testRegion();
    await available();
    for (let tests = 0; tests < 15; tests += 1) {
      await client.testFailover(nodeGroup);
      await clock.advance(HOUR);
    }
    await expect(client.testFailover(nodeGroup)).rejects.toThrow(APICallRateForCustomerExceededFault);
    await clock.advance(9 * HOUR - 1);
    await expect(client.testFailover(nodeGroup)).rejects.toThrow(APICallRateForCustomerExceededFault);
    await clock.advance(1);
    await client.testFailover(nodeGroup);
  });
});

describe("a node that dies (User Guide, Failure scenarios with Multi-AZ responses)", () => {
  it("as primary has the events of a failover, without a call", async () => {
    const { clock, faults, available, roles, eventsAfter } = testRegion();
    await available();
    const since = clock.now();
    faults.failNode("moodle-001");
    await clock.advance(FAILOVER + RECOVERY_START + RECOVERY);
    expect(await eventsAfter(since)).toEqual([...failover, ...recovery]);
    expect(await roles()).toEqual(["moodle-001 replica", "moodle-002 primary"]);
  });

  it.each([
    ["as replica", {}, "moodle-002"],
    ["as primary without automatic failover", { AutomaticFailoverEnabled: false }, "moodle-001"],
  ])("%s is replaced, and the roles stay", async (_, settings, lost) => {
    const { clock, faults, available, group, roles, eventsAfter } = testRegion();
    await available(settings);
    const since = clock.now();
    faults.failNode(lost);
    expect((await group())?.Status).toBe("modifying");
    expect(() => faults.failNode(lost)).toThrow("is modifying");
    await clock.advance(RECOVERY_START + RECOVERY);
    expect(await eventsAfter(since)).toEqual([
      `${lost}: Recovering cache nodes 0001`,
      `${lost}: Finished recovery for cache nodes 0001`,
    ]);
    expect([(await group())?.Status, ...(await roles())]).toEqual([
      "available",
      "moodle-001 primary",
      "moodle-002 replica",
    ]);
  });
});

describe("notifications (User Guide, Event Notifications and Amazon SNS)", () => {
  const all = FAILOVER + RECOVERY_START + RECOVERY;

  it("name the event in the key of the body", async () => {
    const { clock, client, available, told } = testRegion();
    await client.createReplicationGroup({ ...twoNodes, ReplicationGroupId: "other" });
    await available();
    await client.testFailover(nodeGroup);
    await clock.advance(all);
    expect(told).toEqual(
      [
        { "ElastiCache:FailoverComplete": "moodle" },
        { "ElastiCache:CacheNodeReplaceStarted": "moodle-001" },
        { "ElastiCache:CacheNodeReplaceComplete": "moodle-001" },
      ].map((body) => ({ topicArn, body: JSON.stringify(body), from: "elasticache.amazonaws.com" })),
    );
  });

  it("tell that a group is made", async () => {
    const { clock, client, told } = testRegion();
    await client.createReplicationGroup(twoNodes);
    await clock.advance(HOUR);
    expect(told.map(({ body }) => JSON.parse(body))).toEqual([
      { "ElastiCache:CacheClusterProvisioningComplete": "moodle-001" },
      { "ElastiCache:CacheClusterProvisioningComplete": "moodle-002" },
      { "ElastiCache:CreateReplicationGroupComplete": "moodle" },
    ]);
  });

  it("are sent only while the topic's status is active, and a topic that refuses them stops nothing", async () => {
    const { clock, client, available, group, told, refuse } = testRegion();
    await available();
    await client.modifyReplicationGroup({ ReplicationGroupId, NotificationTopicStatus: "inactive" });
    await client.testFailover(nodeGroup);
    await clock.advance(all);
    expect(told).toEqual([]);
    await client.modifyReplicationGroup({ ReplicationGroupId, NotificationTopicStatus: "active" });
    refuse();
    await client.testFailover(nodeGroup);
    await clock.advance(all);
    expect((await group())?.Status).toBe("available");
  });

  it("reach a queue by a topic with SNS's default policy, and a topic that is gone stops nothing", async () => {
    const sqs = sqsRegion();
    const { service, topics } = createSns(sqs.surroundings, {
      queues: sqs.queues,
      functions: { invokeLater() {} },
      resourcePolicies: policiesByName,
    });
    const call = caller<typeof sns>(service);
    const Policy = JSON.stringify({ Statement: [{ Principal: { Service: "sns.amazonaws.com" } }] });
    const url = await sqs.queue("inbox", { Policy });
    const { TopicArn = "" } = await call("CreateTopic", { Name: "caches" });
    await call("Subscribe", {
      ...{ TopicArn, Protocol: "sqs", Endpoint: arnOf("inbox") },
      Attributes: { RawMessageDelivery: "true" },
    });
    const cache = createElastiCache(sqs.surroundings, { topics, zones: ["eu-west-1a"] });
    const client = new ElastiCache(clientConfigTo(cache.service, sqs.surroundings));
    await client.createReplicationGroup({ ...twoNodes, NotificationTopicArn: TopicArn });
    await sqs.clock.advance(1000);
    const bodies: unknown[] = [];
    for (const { Body } of await sqs.receive(url)) bodies.push(JSON.parse(Body ?? ""));
    expect(bodies).toContainEqual({ "ElastiCache:CacheClusterProvisioningComplete": "moodle-001" });
    await call("DeleteTopic", { TopicArn });
    await client.testFailover(nodeGroup);
    await sqs.clock.advance(1000);
    const { ReplicationGroups } = await client.describeReplicationGroups({ ReplicationGroupId });
    expect(ReplicationGroups?.[0]?.Status).toBe("available");
  });
});
