import {
  InvalidParameterException,
  InvalidRequestException,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManager,
} from "@aws-sdk/client-secrets-manager";
import { describe, expect, it } from "vitest";
import type { ServiceEvent } from "../../src/region.ts";
import { createSecretsManager } from "../../src/services/secrets-manager/secrets-manager.ts";
import { clientConfigTo, surroundingsAt } from "../lone-service.ts";

const SecretId = "moodle/database";
const DAY = 24 * 60 * 60_000;

function createRegion() {
  const surroundings = surroundingsAt(Date.parse("2026-11-01T00:00:00Z"));
  const emitted: ServiceEvent[] = [];
  const events = { emit: (event: ServiceEvent) => void emitted.push(event) };
  const { service } = createSecretsManager(surroundings, { events });
  const client = new SecretsManager(clientConfigTo(service, surroundings));
  return { clock: surroundings.clock, emitted, client };
}

async function regionWithSecret() {
  const region = createRegion();
  const created = await region.client.createSecret({ Name: SecretId, SecretString: "one" });
  return { ...region, ARN: created.ARN ?? "", first: created.VersionId ?? "" };
}

describe("values", () => {
  it("are found by name, by ARN, and by ARN without its six characters", async () => {
    const { client, ARN } = await regionWithSecret();
    expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:123456789012:secret:moodle\/database-[A-Za-z0-9]{6}$/);
    for (const id of [SecretId, ARN, ARN.slice(0, -7)])
      expect((await client.getSecretValue({ SecretId: id })).SecretString).toBe("one");
    await expect(client.getSecretValue({ SecretId: "other" })).rejects.toThrow(ResourceNotFoundException);
  });

  it("move AWSCURRENT to the new version and AWSPREVIOUS to the one before it", async () => {
    const { client, first } = await regionWithSecret();
    const { VersionId: second = "" } = await client.putSecretValue({ SecretId, SecretString: "two" });
    const { VersionId: third = "" } = await client.updateSecret({ SecretId, SecretString: "three" });
    expect((await client.getSecretValue({ SecretId })).SecretString).toBe("three");
    expect((await client.getSecretValue({ SecretId, VersionStage: "AWSPREVIOUS" })).SecretString).toBe("two");
    expect((await client.describeSecret({ SecretId })).VersionIdsToStages).toEqual({
      [second]: ["AWSPREVIOUS"],
      [third]: ["AWSCURRENT"],
    });
    const { Versions } = await client.listSecretVersionIds({ SecretId, IncludeDeprecated: true });
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual([first, second, third]);
  });

  it("can wait as AWSPENDING until a rotation moves AWSCURRENT to them", async () => {
    const { client, first } = await regionWithSecret();
    const { VersionId: next = "" } = await client.putSecretValue({
      SecretId,
      SecretString: "two",
      VersionStages: ["AWSPENDING"],
    });
    expect((await client.getSecretValue({ SecretId })).SecretString).toBe("one");
    const move = { SecretId, VersionStage: "AWSCURRENT", MoveToVersionId: next };
    await expect(client.updateSecretVersionStage(move)).rejects.toThrow(InvalidParameterException);
    await client.updateSecretVersionStage({ ...move, RemoveFromVersionId: first });
    const { VersionStages } = await client.getSecretValue({ SecretId });
    expect(VersionStages?.toSorted()).toEqual(["AWSCURRENT", "AWSPENDING"]);
    expect((await client.getSecretValue({ SecretId, VersionStage: "AWSPREVIOUS" })).VersionId).toBe(first);
  });

  it("never lose AWSCURRENT", async () => {
    const { client, first } = await regionWithSecret();
    const remove = { SecretId, VersionStage: "AWSCURRENT", RemoveFromVersionId: first };
    await expect(client.updateSecretVersionStage(remove)).rejects.toThrow(InvalidRequestException);
  });

  it("are written once for one ClientRequestToken, and another value under it is refused", async () => {
    const { client } = await regionWithSecret();
    const ClientRequestToken = "0123456789abcdef0123456789abcdef";
    const put = (SecretString: string) => client.putSecretValue({ SecretId, SecretString, ClientRequestToken });
    expect((await put("two")).VersionId).toBe(ClientRequestToken);
    expect((await put("two")).VersionId).toBe(ClientRequestToken);
    await expect(put("three")).rejects.toThrow(ResourceExistsException);
  });

  it("may be bytes, but not bytes and text", async () => {
    const { client } = await regionWithSecret();
    const SecretBinary = new Uint8Array([1, 2, 3]);
    await client.putSecretValue({ SecretId, SecretBinary });
    expect([...((await client.getSecretValue({ SecretId })).SecretBinary ?? [])]).toEqual([1, 2, 3]);
    await expect(client.putSecretValue({ SecretId, SecretBinary, SecretString: "x" })).rejects.toThrow(
      InvalidParameterException,
    );
  });
});

describe("secrets", () => {
  it("cannot be made twice; tags and filters find them", async () => {
    const { client } = await regionWithSecret();
    await expect(client.createSecret({ Name: SecretId })).rejects.toThrow(ResourceExistsException);
    await client.createSecret({ Name: "other" });
    await client.tagResource({ SecretId, Tags: [{ Key: "site", Value: "demo" }] });
    const { SecretList } = await client.listSecrets({ Filters: [{ Key: "tag-key", Values: ["site"] }] });
    expect(SecretList).toMatchObject([{ Name: SecretId, Tags: [{ Key: "site", Value: "demo" }] }]);
    await client.untagResource({ SecretId, TagKeys: ["site"] });
    expect((await client.listSecrets({})).SecretList?.map(({ Tags }) => Tags)).toEqual([[], []]);
  });

  it("are kept for the recovery window after deletion, unreadable, and can be restored", async () => {
    const { client, clock } = await regionWithSecret();
    await client.deleteSecret({ SecretId, RecoveryWindowInDays: 7 });
    await expect(client.getSecretValue({ SecretId })).rejects.toThrow(InvalidRequestException);
    await expect(client.createSecret({ Name: SecretId })).rejects.toThrow("already scheduled for deletion");
    expect((await client.listSecrets({})).SecretList ?? []).toEqual([]);
    await clock.advance(6 * DAY);
    await client.restoreSecret({ SecretId });
    await clock.advance(2 * DAY);
    expect((await client.getSecretValue({ SecretId })).SecretString).toBe("one");
    await client.deleteSecret({ SecretId, RecoveryWindowInDays: 7 });
    await clock.advance(7 * DAY);
    await expect(client.describeSecret({ SecretId })).rejects.toThrow(ResourceNotFoundException);
  });

  it("go at once when forced", async () => {
    const { client } = await regionWithSecret();
    await client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
    await expect(client.describeSecret({ SecretId })).rejects.toThrow(ResourceNotFoundException);
  });
});

describe("events", () => {
  it("tell of changes as AWS API Call via CloudTrail, without the value (aws-semantics 3.4)", async () => {
    const { client, emitted, ARN } = await regionWithSecret();
    await client.putSecretValue({ SecretId, SecretString: "very secret" });
    await client.getSecretValue({ SecretId });
    expect(emitted.map(({ detail }) => detail["eventName"])).toEqual(["CreateSecret", "PutSecretValue"]);
    expect(emitted[1]).toMatchObject({
      source: "aws.secretsmanager",
      detailType: "AWS API Call via CloudTrail",
      detail: {
        eventSource: "secretsmanager.amazonaws.com",
        requestParameters: { secretId: SecretId },
        responseElements: { arn: ARN },
      },
    });
    expect(JSON.stringify(emitted)).not.toContain("very secret");
  });
});
