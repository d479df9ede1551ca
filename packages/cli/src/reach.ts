/** Opens the way to a deployment, with the SDK's ordinary chain on AWS and fixed credentials on this machine. */
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import type { Log } from "@warden/control";
import { recoveryPair, type SiteConfiguration } from "@warden/moodle/site";
import { connect, type RecoveryPointStore } from "@warden/worlds/connect";
import type { ClientOptions } from "@warden/worlds/loop";
import type { Reach, WayBack } from "./context.ts";
import { inspectionOf } from "./doctor/inspection.ts";
import type { Target } from "./target.ts";

export async function reach(target: Target, now: () => number): Promise<Reach> {
  const ahead = target.local && target.endpoint !== undefined ? await clockAhead(target.endpoint, now) : 0;
  const { deps, deployment, bundles, releases, detaching, recoveryPoints, clients } = await connect({
    stage: target.stage,
    client: clientOptions(target),
    log: silent,
    now: () => now() + ahead,
    id: () => randomUUID().replaceAll("-", "").slice(0, 12),
  });
  return {
    ...{ deps, deployment, inspection: inspectionOf(clients), bundles, releases, detaching },
    recoveryPoints: (site) => wayBack(site, recoveryPoints, deps.now()),
  };
}

async function wayBack({ recovery }: SiteConfiguration, store: RecoveryPointStore, now: number): Promise<WayBack> {
  if (recovery === undefined)
    return { points: [], lacking: "the site configuration has no `recovery` that names what is backed up" };
  const since = now - recovery.youngerThan;
  const [database, files] = await Promise.all([store.of(recovery.database, since), store.of(recovery.files, since)]);
  const pair = recoveryPair(recovery, { database, files }, now);
  if (!pair.found) return { points: [], lacking: pair.why };
  return {
    points: [
      { arn: pair.database.arn, of: "database", at: pair.database.createdAt },
      { arn: pair.files.arn, of: "files", at: pair.files.createdAt },
    ],
  };
}

/** What a person must know is printed by the commands themselves. */
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * Against this machine everything the SDK would otherwise look up in the environment or in `~/.aws` is given, so that
 * neither is read.
 */
export function clientOptions(target: Target): ClientOptions {
  const connection = { connectionTimeout: 5000, requestTimeout: 30_000 };
  if (!target.local) {
    return {
      requestHandler: connection,
      ...(target.endpoint !== undefined && { endpoint: target.endpoint }),
      ...(target.region !== undefined && { region: target.region }),
      ...(target.profile !== undefined && { profile: target.profile }),
    };
  }
  return {
    requestHandler: connection,
    endpoint: target.endpoint ?? "",
    region: target.region ?? "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    accountIdEndpointMode: "disabled",
    authSchemePreference: [],
    defaultsMode: "standard",
    disableClockSkewCorrection: false,
    maxAttempts: 2,
    retryMode: "standard",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: "warden",
  };
}

/**
 * A local world may run faster than real time, and its answers then carry its own date. Ages and expiries count in its
 * time. @returns milliseconds that its clock is ahead of ours; 0 when they agree to within the header's precision
 */
function clockAhead(endpoint: string, now: () => number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(endpoint, { method: "HEAD", timeout: 5000 }, (answer) => {
      answer.resume();
      const ahead = Date.parse(answer.headers.date ?? "") - now();
      resolve(Number.isNaN(ahead) || Math.abs(ahead) < 2000 ? 0 : ahead);
    });
    asked.on("timeout", () => asked.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })));
    asked.on("error", reject);
    asked.end();
  });
}
