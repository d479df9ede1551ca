/** The site of the local world: its names, and the pace that suits a laptop or resembles AWS. */

import { awsTimings, quickTimings } from "@warden/aws-local";
import type { Dependency, SiteAlarm } from "@warden/control";
import type { Policy } from "@warden/fleet";
import { parts } from "@warden/remediation";
import { awsNode, type NodeTimings, quickNode } from "@warden/simulator";
import type { FleetSettings } from "./deploy/fleet.ts";

export type Timing = "quick" | "aws";

export const localSite = "moodle";

/** What the nodes of the local site must be: made up, and recognisable as such. */
export const localAssigned = { release: "moodle-local-1", digest: "10ca1000c0ffee00" };

/** Its two caches: they exist as replication groups, and are modelled where nodes use them. */
export const localCaches = [
  { part: "sessions", service: "elasticache", name: "moodle-sessions" },
  { part: "cache", service: "elasticache", name: "moodle-cache" },
] as const satisfies readonly Dependency[];

/** Nobody makes them: whoever tries it out puts one by its name, and sets its state. @example `moodle-pages` */
export const localAlarms = (site: string): readonly SiteAlarm[] =>
  parts.map((part) => ({ name: `${site}-${part}`, part }));

/** Its database and its files, as a recovery point knows them: neither exists. */
export const localRecovery = ({ region, account }: { readonly region: string; readonly account: string }) => ({
  database: `arn:aws:rds:${region}:${account}:db:moodle-local`,
  files: `arn:aws:elasticfilesystem:${region}:${account}:file-system/fs-10ca1000c0ffee000`,
});

export interface LocalPace {
  readonly policy: Partial<Policy>;
  readonly aws: typeof quickTimings;
  readonly node: NodeTimings;
  readonly deregistrationDelay: number;
  readonly healthCheckInterval: number;
}

export function paceOf(timing: Timing): LocalPace {
  if (timing === "aws") {
    return { policy: {}, aws: awsTimings, node: awsNode, deregistrationDelay: 300, healthCheckInterval: 15 };
  }
  return {
    policy: { retryDelay: 2_000, lookAgain: 2_000, holdRecheck: 10_000, verifyEvery: 120_000, soak: 10_000 },
    aws: quickTimings,
    node: quickNode,
    deregistrationDelay: 10,
    healthCheckInterval: 5,
  };
}

export function localFleet(group: string, desired: number, pace: LocalPace): FleetSettings {
  return {
    group,
    min: Math.min(1, desired),
    max: Math.max(10, desired),
    desired,
    hookTimeout: 900,
    deregistrationDelay: pace.deregistrationDelay,
    healthCheckInterval: pace.healthCheckInterval,
    launchHook: "warden-launch",
    terminateHook: "warden-terminate",
  };
}
