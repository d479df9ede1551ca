import { ElastiCacheServiceException, type Tag } from "@aws-sdk/client-elasticache";
import { describe, expect, it } from "vitest";
import {
  CREATION,
  DELETION,
  groupArn,
  MODIFICATION,
  ReplicationGroupId,
  startAt,
  testRegion,
  topicArn,
  twoNodes,
} from "./region.ts";

/** The code of a refusal. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ElastiCacheServiceException ? error.name : String(error);
}

const token = "This-is-a-sample-token";
const encrypted = { TransitEncryptionEnabled: true, AuthToken: token };

describe("CreateReplicationGroup (API reference)", () => {
  it("answers with a group that is creating and has no node to show, and makes it available after a time", async () => {
    const { client, clock, group } = testRegion();
    const { ReplicationGroup } = await client.createReplicationGroup(twoNodes);
    expect(ReplicationGroup).toMatchObject({
      ReplicationGroupId,
      Status: "creating",
      PendingModifiedValues: {},
      MemberClusters: ["moodle-001", "moodle-002"],
      AutomaticFailover: "enabling",
      MultiAZ: "disabled",
      ClusterEnabled: false,
      ARN: groupArn,
    });
    expect(ReplicationGroup?.NodeGroups).toBeUndefined();
    await clock.advance(CREATION - 1);
    expect((await group())?.Status).toBe("creating");
    await clock.advance(1);
    expect(await group()).toMatchObject({ Status: "available", AutomaticFailover: "enabled" });
  });

  it("names its endpoints as the answer of describe-replication-groups in the AWS CLI reference", async () => {
    const { available, group } = testRegion();
    await available();
    expect((await group())?.NodeGroups).toEqual([
      {
        NodeGroupId: "0001",
        Status: "available",
        PrimaryEndpoint: endpoint(/^moodle\.\w{6}\.ng\.0001\.euw1\.cache\.amazonaws\.com$/),
        ReaderEndpoint: endpoint(/^moodle-ro\.\w{6}\.ng\.0001\.euw1\.cache\.amazonaws\.com$/),
        NodeGroupMembers: [
          member("moodle-001", "primary", "eu-west-1a", /^moodle-001\.\w{6}\.0001\.euw1\.cache\.amazonaws\.com$/),
          member("moodle-002", "replica", "eu-west-1b", /^moodle-002\.\w{6}\.0001\.euw1\.cache\.amazonaws\.com$/),
        ],
      },
    ]);
  });

  it("names the primary endpoint master.… with encryption in transit (User Guide, Finding connection endpoints)", async () => {
    const { available, group } = testRegion();
    await available({ TransitEncryptionEnabled: true, Port: 6380 });
    const primary = (await group())?.NodeGroups?.[0]?.PrimaryEndpoint;
    expect(primary).toEqual({
      Address: expect.stringMatching(/^master\.moodle\.\w{6}\.euw1\.cache\.amazonaws\.com$/),
      Port: 6380,
    });
  });

  it("keeps the id in lower case, finds it in any, and makes it once", async () => {
    const { client, available, group } = testRegion();
    await available({ ReplicationGroupId: "Moodle" });
    expect((await group())?.ReplicationGroupId).toBe("moodle");
    expect((await client.describeReplicationGroups({ ReplicationGroupId: "MOODLE" })).ReplicationGroups).toHaveLength(
      1,
    );
    expect(await refusal(client.createReplicationGroup(twoNodes))).toBe("ReplicationGroupAlreadyExistsFault");
    expect(await refusal(client.describeReplicationGroups({ ReplicationGroupId: "other" }))).toBe(
      "ReplicationGroupNotFoundFault",
    );
  });

  it.each([
    ["valkey", true, "default.valkey8"],
    ["redis", false, "default.redis7"],
  ])("encrypts %s at rest by default: %s", async (Engine, isEncrypted, CacheParameterGroupName) => {
    const { client, available, group } = testRegion();
    await available({ Engine });
    expect((await group())?.AtRestEncryptionEnabled).toBe(isEncrypted);
    const { CacheClusters } = await client.describeCacheClusters({});
    expect(CacheClusters?.[0]).toMatchObject({ Engine, CacheParameterGroup: { CacheParameterGroupName } });
  });

  it.each([
    ["id that begins with a digit", { ReplicationGroupId: "1moodle" }, "InvalidParameterValueException"],
    ["id that ends with a hyphen", { ReplicationGroupId: "moodle-" }, "InvalidParameterValueException"],
    ["id with two hyphens together", { ReplicationGroupId: "moo--dle" }, "InvalidParameterValueException"],
    ["id of 41 characters", { ReplicationGroupId: "m".repeat(41) }, "InvalidParameterValueException"],
    ["engine memcached", { Engine: "memcached" }, "InvalidParameterValueException"],
    ["node type without cache.", { CacheNodeType: "t4g.small" }, "InvalidParameterValueException"],
    ["failover with one node", { NumCacheClusters: 1 }, "InvalidParameterCombinationException"],
    ["seven nodes", { NumCacheClusters: 7 }, "NodeQuotaForClusterExceededFault"],
    [
      "Multi-AZ without failover",
      { AutomaticFailoverEnabled: false, MultiAZEnabled: true },
      "InvalidParameterCombinationException",
    ],
    [
      "Multi-AZ in one zone",
      { MultiAZEnabled: true, PreferredCacheClusterAZs: ["eu-west-1a", "eu-west-1a"] },
      "InvalidParameterCombinationException",
    ],
    [
      "more zones than nodes",
      { PreferredCacheClusterAZs: ["eu-west-1a", "eu-west-1b", "eu-west-1c"] },
      "InvalidParameterCombinationException",
    ],
    ["zone elsewhere", { PreferredCacheClusterAZs: ["eu-west-1a", "us-east-1a"] }, "InvalidParameterValueException"],
    [
      "parameter group of the other",
      { CacheParameterGroupName: "default.redis7" },
      "InvalidParameterCombinationException",
    ],
    ["version that is not known here", { EngineVersion: "9.9" }, "NotImplemented"],
    ["token without TLS", { AuthToken: token }, "InvalidParameterCombinationException"],
    ["token of 15 characters", { ...encrypted, AuthToken: "x".repeat(15) }, "InvalidParameterValueException"],
    ["token of 129 characters", { ...encrypted, AuthToken: "x".repeat(129) }, "InvalidParameterValueException"],
    ["token with @", { ...encrypted, AuthToken: `${token}@` }, "InvalidParameterValueException"],
    ["unknown parameter group", { CacheParameterGroupName: "mine" }, "CacheParameterGroupNotFoundFault"],
    ["unknown subnet group", { CacheSubnetGroupName: "mine" }, "CacheSubnetGroupNotFoundFault"],
    [
      "topic of another account",
      { NotificationTopicArn: topicArn.replace("123456789012", "999999999999") },
      "InvalidParameterValueException",
    ],
    ["fifty-one tags", { Tags: fiftyOneTags() }, "TagQuotaPerResourceExceeded"],
    ["cluster mode", { NumNodeGroups: 2 }, "NotImplemented"],
    ["snapshots", { SnapshotRetentionLimit: 5 }, "NotImplemented"],
    ["user groups", { UserGroupIds: ["all"] }, "NotImplemented"],
  ])("refuses: %s", async (_, settings, code) => {
    const { client } = testRegion();
    expect(await refusal(client.createReplicationGroup({ ...twoNodes, ...settings }))).toBe(code);
    expect((await client.describeReplicationGroups({})).ReplicationGroups).toEqual([]);
  });

  it("takes ids and tokens at their limits", async () => {
    const { client, clock } = testRegion();
    await client.createReplicationGroup({
      ...twoNodes,
      ...encrypted,
      ReplicationGroupId: `m-${"x".repeat(38)}`,
      AuthToken: "aB3!&#$^<>-".padEnd(128, "x"),
    });
    await clock.advance(CREATION);
    const { ReplicationGroups } = await client.describeReplicationGroups({});
    expect(ReplicationGroups?.[0]).toMatchObject({ AuthTokenEnabled: true, TransitEncryptionEnabled: true });
  });
});

describe("DescribeCacheClusters", () => {
  it("shows nodes only when asked to, with the topic and the zone", async () => {
    const { client, available } = testRegion();
    await available({ AutoMinorVersionUpgrade: false, SecurityGroupIds: ["sg-1"] });
    const { CacheClusters: brief } = await client.describeCacheClusters({ CacheClusterId: "MOODLE-002" });
    expect(brief).toHaveLength(1);
    expect(brief?.[0]).toMatchObject({
      CacheClusterId: "moodle-002",
      CacheClusterStatus: "available",
      NumCacheNodes: 1,
      PreferredAvailabilityZone: "eu-west-1b",
      NotificationConfiguration: { TopicArn: topicArn, TopicStatus: "active" },
      ReplicationGroupId,
      AutoMinorVersionUpgrade: false,
      SecurityGroups: [{ SecurityGroupId: "sg-1", Status: "active" }],
    });
    expect(brief?.[0]?.CacheNodes).toBeUndefined();
    const { CacheClusters } = await client.describeCacheClusters({ ShowCacheNodeInfo: true });
    expect(CacheClusters?.map(({ CacheNodes }) => CacheNodes?.[0]?.CacheNodeStatus)).toEqual([
      "available",
      "available",
    ]);
    expect(await refusal(client.describeCacheClusters({ CacheClusterId: "moodle-003" }))).toBe(
      "CacheClusterNotFoundFault",
    );
    const others = await client.describeCacheClusters({ ShowCacheClustersNotInReplicationGroups: true });
    expect(others.CacheClusters).toEqual([]);
  });

  it("gives pages of 20 to 100", async () => {
    const { client } = testRegion();
    for (const number of [1, 2, 3, 4])
      await client.createReplicationGroup({ ...twoNodes, ReplicationGroupId: `g${number}`, NumCacheClusters: 6 });
    const first = await client.describeCacheClusters({ MaxRecords: 20 });
    const second = await client.describeCacheClusters({ MaxRecords: 20, Marker: first.Marker });
    const ids = [...(first.CacheClusters ?? []), ...(second.CacheClusters ?? [])].map((one) => one.CacheClusterId);
    expect([first.CacheClusters?.length, new Set(ids).size, second.Marker]).toEqual([20, 24, undefined]);
    for (const request of [{ MaxRecords: 19 }, { MaxRecords: 101 }, { Marker: "x" }])
      expect(await refusal(client.describeCacheClusters(request))).toBe("InvalidParameterValueException");
  });
});

describe("ModifyReplicationGroup", () => {
  it("turns failover and Multi-AZ on in time: `enabling` and `modifying` meanwhile (User Guide, Enabling Multi-AZ)", async () => {
    const { client, clock, available, group, eventsAfter } = testRegion();
    await available({ AutomaticFailoverEnabled: false });
    const { ReplicationGroup } = await client.modifyReplicationGroup({
      ReplicationGroupId,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      ApplyImmediately: true,
    });
    expect(ReplicationGroup).toMatchObject({ Status: "modifying", AutomaticFailover: "enabling", MultiAZ: "enabled" });
    const description = { ReplicationGroupId, ReplicationGroupDescription: "x" };
    expect(await refusal(client.modifyReplicationGroup(description))).toBe("InvalidReplicationGroupStateFault");
    const before = clock.now();
    await clock.advance(MODIFICATION);
    expect(await group()).toMatchObject({ Status: "available", AutomaticFailover: "enabled", MultiAZ: "enabled" });
    expect(await eventsAfter(before)).toEqual([
      "moodle: Automatic failover has been turned on for replication group moodle",
    ]);
  });

  it("refuses failover for one node, and Multi-AZ where failover is turned off", async () => {
    const { client, available } = testRegion();
    await available({ NumCacheClusters: 1, AutomaticFailoverEnabled: false });
    const on = { ReplicationGroupId, AutomaticFailoverEnabled: true, ApplyImmediately: true };
    expect(await refusal(client.modifyReplicationGroup(on))).toBe("InvalidParameterCombinationException");
    const other = testRegion();
    await other.available({ MultiAZEnabled: true });
    const off = { ...on, AutomaticFailoverEnabled: false };
    expect(await refusal(other.client.modifyReplicationGroup(off))).toBe("InvalidParameterCombinationException");
  });

  it("changes the description, the topic and its status at once", async () => {
    const { client, available } = testRegion();
    await available({ NotificationTopicArn: undefined });
    const status = { ReplicationGroupId, NotificationTopicStatus: "inactive" };
    expect(await refusal(client.modifyReplicationGroup(status))).toBe("InvalidParameterCombinationException");
    const { ReplicationGroup } = await client.modifyReplicationGroup({
      ...status,
      ReplicationGroupDescription: "caches",
      NotificationTopicArn: topicArn,
    });
    expect(ReplicationGroup).toMatchObject({ Status: "available", Description: "caches" });
    const { CacheClusters } = await client.describeCacheClusters({});
    expect(CacheClusters?.[1]?.NotificationConfiguration).toEqual({ TopicArn: topicArn, TopicStatus: "inactive" });
  });

  it.each([
    ["a change without ApplyImmediately", { AutomaticFailoverEnabled: false }],
    ["another node type", { CacheNodeType: "cache.m7g.large", ApplyImmediately: true }],
    ["DELETE of a token", { AuthTokenUpdateStrategy: "DELETE", ApplyImmediately: true } as const],
  ])("answers NotImplemented to %s", async (_, change) => {
    const { client, available } = testRegion();
    await available(encrypted);
    expect(await refusal(client.modifyReplicationGroup({ ReplicationGroupId, ...change }))).toBe("NotImplemented");
  });
});

describe("AUTH tokens (User Guide, Authenticating with the AUTH command)", () => {
  const second = "This-is-the-rotated-token";
  const change = (AuthToken: string, AuthTokenUpdateStrategy?: "ROTATE" | "SET") => ({
    ...{ ReplicationGroupId, AuthToken, ApplyImmediately: true },
    ...(AuthTokenUpdateStrategy && { AuthTokenUpdateStrategy }),
  });

  it("are rotated, then set to the last one; SET alone is refused", async () => {
    const { client, clock, available, group } = testRegion();
    await available(encrypted);
    const modify = (...given: Parameters<typeof change>) => client.modifyReplicationGroup(change(...given));
    expect(await refusal(modify(second, "SET"))).toBe("InvalidParameterCombinationException");
    const { ReplicationGroup } = await modify(second);
    expect(ReplicationGroup).toMatchObject({
      Status: "modifying",
      PendingModifiedValues: { AuthTokenStatus: "ROTATING" },
    });
    await clock.advance(MODIFICATION);
    expect(await refusal(modify(token, "SET"))).toBe("InvalidParameterValueException");
    const set = await modify(second, "SET");
    expect(set.ReplicationGroup?.PendingModifiedValues).toEqual({ AuthTokenStatus: "SETTING" });
    await clock.advance(MODIFICATION);
    expect(await group()).toMatchObject({ Status: "available", PendingModifiedValues: {}, AuthTokenEnabled: true });
    expect((await group())?.AuthTokenLastModifiedDate).toEqual(new Date(startAt + CREATION + MODIFICATION));
    expect(await refusal(modify(second, "SET"))).toBe("InvalidParameterCombinationException");
  });

  it("come to a group without any by ROTATE and SET, but only with encryption in transit", async () => {
    const { client, clock, available, group } = testRegion();
    await available({ TransitEncryptionEnabled: true });
    expect((await group())?.AuthTokenEnabled).toBe(false);
    for (const strategy of ["ROTATE", "SET"] as const) {
      await client.modifyReplicationGroup(change(token, strategy));
      await clock.advance(MODIFICATION);
    }
    expect((await group())?.AuthTokenEnabled).toBe(true);
    const plain = testRegion();
    await plain.available();
    expect(await refusal(plain.client.modifyReplicationGroup(change(token, "ROTATE")))).toBe(
      "InvalidParameterCombinationException",
    );
  });

  it("never stand in a refusal", async () => {
    const { client, available } = testRegion();
    await available(encrypted);
    for (const secret of ["too short", `${second}/`])
      await expect(client.modifyReplicationGroup(change(secret))).rejects.toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(secret) }),
      );
  });
});

describe("DeleteReplicationGroup", () => {
  it("takes a time, then nothing is left but the events", async () => {
    const { client, clock, available, group, eventsAfter, tagsOf, told } = testRegion();
    await available({ Tags: [{ Key: "site", Value: "a" }] });
    const before = clock.now();
    const { ReplicationGroup } = await client.deleteReplicationGroup({ ReplicationGroupId });
    expect(ReplicationGroup?.Status).toBe("deleting");
    expect(ReplicationGroup?.NodeGroups).toBeUndefined();
    expect(await refusal(client.deleteReplicationGroup({ ReplicationGroupId }))).toBe(
      "InvalidReplicationGroupStateFault",
    );
    await clock.advance(DELETION);
    expect(await refusal(group())).toBe("ReplicationGroupNotFoundFault");
    expect((await client.describeCacheClusters({})).CacheClusters).toEqual([]);
    expect(await refusal(client.listTagsForResource({ ResourceName: groupArn }))).toBe("ReplicationGroupNotFoundFault");
    expect(tagsOf(groupArn)).toEqual({});
    expect(await eventsAfter(before)).toEqual([
      "moodle-001: Cache cluster deleted",
      "moodle-002: Cache cluster deleted",
    ]);
    expect(told.map(({ body }) => JSON.parse(body))).toEqual([
      { "ElastiCache:DeleteCacheClusterComplete": "moodle-001" },
      { "ElastiCache:DeleteCacheClusterComplete": "moodle-002" },
    ]);
  });

  it.each([{ RetainPrimaryCluster: true }, { FinalSnapshotIdentifier: "last" }])(
    "answers NotImplemented to %j",
    async (option) => {
      const { client, available } = testRegion();
      await available();
      expect(await refusal(client.deleteReplicationGroup({ ReplicationGroupId, ...option }))).toBe("NotImplemented");
    },
  );
});

describe("tags", () => {
  const clusterArn = "arn:aws:elasticache:eu-west-1:123456789012:cluster:moodle-002";

  it("of a group are those of its clusters, too; a cluster's own change stays its own (API reference)", async () => {
    const { client, available, tagsOf } = testRegion();
    await available({ Tags: [{ Key: "site", Value: "a" }] });
    const list = async (ResourceName: string) => (await client.listTagsForResource({ ResourceName })).TagList;
    expect(await list(clusterArn)).toEqual([{ Key: "site", Value: "a" }]);
    await client.addTagsToResource({ ResourceName: groupArn, Tags: [{ Key: "kind", Value: "sessions" }] });
    expect(await list(clusterArn)).toContainEqual({ Key: "kind", Value: "sessions" });
    await client.removeTagsFromResource({ ResourceName: groupArn, TagKeys: ["site"] });
    expect([await list(groupArn), await list(clusterArn)]).toEqual([
      [{ Key: "kind", Value: "sessions" }],
      [{ Key: "kind", Value: "sessions" }],
    ]);
    await client.addTagsToResource({ ResourceName: clusterArn, Tags: [{ Key: "own", Value: "1" }] });
    expect(tagsOf(groupArn)).toEqual({ kind: "sessions" });
    expect(tagsOf(clusterArn)).toEqual({ kind: "sessions", own: "1" });
  });

  it("are refused where they cannot be", async () => {
    const { client, clock } = testRegion();
    await client.createReplicationGroup(twoNodes);
    const list = (ResourceName: string) => refusal(client.listTagsForResource({ ResourceName }));
    expect(await list(groupArn)).toBe("InvalidReplicationGroupStateFault");
    await clock.advance(CREATION);
    expect(await list(clusterArn.replace("002", "003"))).toBe("CacheClusterNotFoundFault");
    expect(await list("moodle")).toBe("InvalidARNFault");
    expect(await list(groupArn.replace("eu-west-1", "us-east-1"))).toBe("InvalidARNFault");
    const remove = client.removeTagsFromResource({ ResourceName: groupArn, TagKeys: ["site"] });
    expect(await refusal(remove)).toBe("TagNotFoundFault");
    const add = (Tags: Tag[]) => client.addTagsToResource({ ResourceName: groupArn, Tags });
    await add(fiftyOneTags().slice(0, 50));
    expect(await refusal(add(fiftyOneTags().slice(50)))).toBe("TagQuotaPerResourceExceeded");
  });
});

const endpoint = (address: RegExp) => ({ Address: expect.stringMatching(address), Port: 6379 });

const member = (CacheClusterId: string, CurrentRole: string, PreferredAvailabilityZone: string, address: RegExp) => ({
  ...{ CacheClusterId, CacheNodeId: "0001", PreferredAvailabilityZone, CurrentRole },
  ReadEndpoint: endpoint(address),
});

function fiftyOneTags() {
  return Array.from({ length: 51 }, (_, index) => ({ Key: `key${index}`, Value: "x" }));
}
