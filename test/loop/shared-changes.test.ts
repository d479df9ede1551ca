/** Something that all nodes share changes under them: a secret, a cache. The events are AWS's own, made by AWS's own calls. */
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  TestFailoverCommand,
} from "@aws-sdk/client-elasticache";
import { SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { lastGoodParameter } from "@warden/aws";
import { clientConfig } from "@warden/aws-local";
import type { Dependency } from "@warden/control";
import { type VirtualWorld, virtualWorld } from "@warden/worlds/virtual";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import {
  expectNoDefects,
  group,
  inService,
  minutes,
  nodes,
  seconds,
  site,
  table,
  until,
  untilServing,
} from "./site.ts";

const secret: Dependency = { part: "secrets", service: "secretsmanager", name: "moodle/database" };
const cache: Dependency = { part: "cache", service: "elasticache", name: "moodle-cache" };

let world: VirtualWorld;
afterEach(() => {
  expectNoDefects(world);
  world.stop();
});

async function siteThatDependsOn(dependency: Dependency, options: Parameters<typeof virtualWorld>[0] = {}) {
  // None is looked at for another reason meanwhile.
  const policy = { verifyEvery: minutes(60) };
  world = await virtualWorld({ ...options, policy, desired: 3, timing: "aws", dependencies: [dependency] });
  await untilServing(world, 3, minutes(10));
}

/** How many nodes were sent this document, since the first so many calls of this world. */
const sentTo = (document: string, since: number): number =>
  world.calls
    .slice(since)
    .filter(({ operation, errorCode }) => operation === "SendCommand" && errorCode === undefined)
    .flatMap(({ input }) => sent.parse(input))
    .filter(({ DocumentName }) => DocumentName === document)
    .reduce((sum, { InstanceIds }) => sum + InstanceIds.length, 0);

const sent = z.object({ DocumentName: z.string(), InstanceIds: z.array(z.string()) });

const seenBy = async () => (await nodes(world)).filter(({ record }) => record.changeSeen !== undefined).length;

it("heals every node at once when a secret has a new value, and looks at none for another's", async () => {
  await siteThatDependsOn(secret);
  const secrets = new SecretsManagerClient(clientConfig(world.aws.router));
  await secrets.send(new CreateSecretCommand({ Name: "moodle/database", SecretString: "one" }));
  await secrets.send(new CreateSecretCommand({ Name: "another/site", SecretString: "one" }));
  await secrets.send(new PutSecretValueCommand({ SecretId: "another/site", SecretString: "two" }));
  await world.clock.advance(minutes(2));
  expect(await seenBy()).toBe(0);

  const faults = [...world.machines.values()].map(({ software }) => software.state.faults);
  for (const each of faults) each.add("rotated");
  await secrets.send(new PutSecretValueCommand({ SecretId: "moodle/database", SecretString: "two" }));
  await until(world, minutes(2), async () => faults.every((each) => !each.has("rotated")));
  expect(await inService(world)).toHaveLength(3);
  expect(await seenBy()).toBe(3);
  expect(await rows()).toEqual(["PutSecretValue of moodle/database (secrets): every node of moodle looks at itself"]);
});

it("lets nodes read the secrets of their own site, and no other's", async () => {
  await siteThatDependsOn(secret);
  const decisionOn = async (name: string): Promise<string | undefined> => {
    const { EvaluationResults = [] } = await world.clients.iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: `arn:aws:iam::${world.aws.account}:role/warden-local-node`,
        ActionNames: ["secretsmanager:GetSecretValue"],
        ResourceArns: [`arn:aws:secretsmanager:${world.aws.region}:${world.aws.account}:secret:${name}`],
      }),
    );
    return EvaluationResults[0]?.EvalDecision;
  };
  expect(await decisionOn("moodle/database-Ab12Cd")).toBe("allowed");
  expect(await decisionOn("another/database-Ab12Cd")).toBe("implicitDeny");
  expect(await decisionOn("moodle/database-of-another-Ab12Cd")).toBe("implicitDeny");
});

it("finds within a minute that somebody changed what nodes make of themselves without Warden", async () => {
  await siteThatDependsOn(secret);
  const Name = lastGoodParameter({ site, group });
  const Value = JSON.stringify({ v: 1, release: "older", digest: "0".repeat(16) });
  await world.clients.ssm.send(new PutParameterCommand({ Name, Value, Overwrite: true }));
  const { assigned } = await world.deps.ports.store.groupState(site, group);
  await until(world, seconds(90), async () => {
    const said = await world.deps.ports.lastGood.read({ site, group });
    return said?.digest === assigned?.digest && said?.release === assigned?.release;
  });
});

describe("a cache that fails over", () => {
  it.each([
    // The sweep may not ask here, so it can only have been the topic.
    ["and says so", { without: (_: string, action: string) => action === "elasticache:DescribeEvents" }, true],
    ["when nobody tells", {}, false],
  ])("is purged by the nodes that have seen it work since, %s", async (_, options, tells) => {
    await siteThatDependsOn(cache, options);
    const elastiCache = new ElastiCacheClient(clientConfig(world.aws.router));
    await createCache(elastiCache, tells ? { NotificationTopicArn: topicArn() } : {});
    const before = world.calls.length;
    await elastiCache.send(new TestFailoverCommand({ ReplicationGroupId: "moodle-cache", NodeGroupId: "0001" }));
    await until(world, minutes(15), async () => (await nodes(world)).every(({ record }) => record.purge?.done));
    expect([sentTo("Warden-Verify", before), sentTo("Warden-PurgeCache", before)]).toEqual([3, 3]);
    await world.clock.advance(minutes(5));
    expect(sentTo("Warden-PurgeCache", before)).toBe(3);
    expect(await rows()).toEqual([expect.stringContaining("and what went stale is purged")]);
  });
});

const topicArn = (): string => `arn:aws:sns:${world.aws.region}:${world.aws.account}:warden-local-caches`;

async function createCache(elastiCache: ElastiCacheClient, more: { NotificationTopicArn?: string }): Promise<void> {
  await elastiCache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: "moodle-cache",
      ReplicationGroupDescription: "the application cache",
      Engine: "valkey",
      CacheNodeType: "cache.t4g.small",
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      ...more,
    }),
  );
  await until(world, minutes(30), async () => {
    const { ReplicationGroups = [] } = await elastiCache.send(new DescribeReplicationGroupsCommand({}));
    return ReplicationGroups[0]?.Status === "available";
  });
}

/** What the ledger says of the site itself, oldest first. */
const rows = async (): Promise<string[]> =>
  (await table(world))
    .filter(({ pk, kind }) => pk === `ledger#${site}/-/-` && kind === "shared-change")
    .map(({ why }) => String(why));
