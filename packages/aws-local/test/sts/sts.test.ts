import { STS } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { createSts, type StsNeighbours } from "../../src/services/sts/sts.ts";
import { type Credentials, clientConfig } from "../../src/wire/index.ts";
import { routerTo, surroundingsAt } from "../lone-service.ts";

const RoleArn = "arn:aws:iam::123456789012:role/warden/lane";

function createRegion(neighbours: StsNeighbours = {}) {
  const surroundings = surroundingsAt(Date.parse("2026-11-01T00:00:00Z"));
  const sts = createSts(surroundings, neighbours);
  const router = routerTo(sts.service, surroundings, sts.identify);
  const clientOf = (credentials?: Credentials) =>
    new STS(clientConfig(router, credentials === undefined ? {} : { credentials }));
  return { clock: surroundings.clock, sts, clientOf };
}

async function assumed(region: ReturnType<typeof createRegion>, DurationSeconds?: number): Promise<Credentials> {
  const { Credentials: given } = await region
    .clientOf()
    .assumeRole({ RoleArn, RoleSessionName: "one", ...(DurationSeconds === undefined ? {} : { DurationSeconds }) });
  return {
    accessKeyId: given?.AccessKeyId ?? "",
    secretAccessKey: given?.SecretAccessKey ?? "",
    sessionToken: given?.SessionToken ?? "",
  };
}

describe("GetCallerIdentity", () => {
  it("takes every long-lived key for the account's user, so that a stock AWS CLI works", async () => {
    const { clientOf } = createRegion();
    for (const accessKeyId of ["AKIAIOSFODNN7EXAMPLE", "AKIA0000000000000000", "test"]) {
      const identity = await clientOf({ accessKeyId, secretAccessKey: "x" }).getCallerIdentity();
      expect(identity).toMatchObject({
        Account: "123456789012",
        Arn: "arn:aws:iam::123456789012:user/administrator",
      });
      expect(identity.UserId).toMatch(/^AIDA[0-9A-Z]{17}$/);
    }
  });

  it("does not know a temporary key that nobody issued", async () => {
    const { clientOf } = createRegion();
    const stranger = { accessKeyId: "ASIA0000000000000000", secretAccessKey: "x", sessionToken: "y" };
    await expect(clientOf(stranger).getCallerIdentity()).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  });

  it("does not take a temporary key without its own token", async () => {
    const region = createRegion();
    const { sessionToken: _, ...withoutToken } = await assumed(region);
    await expect(region.clientOf(withoutToken).getCallerIdentity()).rejects.toMatchObject({
      name: "InvalidClientTokenId",
    });
  });
});

describe("AssumeRole", () => {
  it("gives a key that is the role, in AWS's form", async () => {
    const region = createRegion();
    const credentials = await assumed(region);
    expect(credentials.accessKeyId).toMatch(/^ASIA[0-9A-Z]{16}$/);
    const { Arn, UserId } = await region.clientOf(credentials).getCallerIdentity();
    expect(Arn).toBe("arn:aws:sts::123456789012:assumed-role/lane/one");
    expect(UserId).toMatch(/^AROA[0-9A-Z]{17}:one$/);
  });

  it("lets the key expire after its duration, an hour unless asked otherwise", async () => {
    const region = createRegion();
    const short = await assumed(region, 900);
    const long = await assumed(region);
    await region.clock.advance(900_000);
    await expect(region.clientOf(short).getCallerIdentity()).rejects.toMatchObject({ name: "ExpiredToken" });
    await expect(region.clientOf(long).getCallerIdentity()).resolves.toMatchObject({ Account: "123456789012" });
    await region.clock.advance(2_700_000);
    await expect(region.clientOf(long).getCallerIdentity()).rejects.toMatchObject({ name: "ExpiredToken" });
  });

  it("asks the role's trust policy about the caller", async () => {
    const asked: string[] = [];
    const region = createRegion({
      trusts: (roleName, { value }) => {
        asked.push(`${roleName} ${value}`);
        return false;
      },
    });
    await expect(assumed(region)).rejects.toMatchObject({
      name: "AccessDenied",
      message: `User: arn:aws:iam::123456789012:user/administrator is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    });
    expect(asked).toEqual(["lane arn:aws:iam::123456789012:user/administrator", "lane arn:aws:iam::123456789012:root"]);
  });

  it("limits a role that assumes a role to one hour", async () => {
    const region = createRegion();
    const chained = region.clientOf(await assumed(region));
    await expect(chained.assumeRole({ RoleArn, RoleSessionName: "two", DurationSeconds: 3601 })).rejects.toMatchObject({
      name: "ValidationError",
    });
  });

  it("refuses session policies, which are not modelled", async () => {
    const { clientOf } = createRegion();
    const call = clientOf().assumeRole({ RoleArn, RoleSessionName: "one", Policy: "{}" });
    await expect(call).rejects.toMatchObject({ name: "NotImplemented" });
  });
});

describe("credentialsFor", () => {
  it("hands a neighbour a role's credentials that do not end", async () => {
    const region = createRegion();
    const credentials = region.sts.credentialsFor(RoleArn, "i-0123456789abcdef0");
    await region.clock.advance(365 * 24 * 60 * 60_000);
    expect(region.sts.identify(credentials.accessKeyId, credentials.sessionToken)).toEqual({
      kind: "role",
      roleName: "lane",
      sessionName: "i-0123456789abcdef0",
    });
  });
});
