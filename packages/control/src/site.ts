/** What Warden must know of a site to care for its nodes. Written by the stack or the local world, read by the loop. */
import { defaultPolicy, type GroupName, groupName, modes, type Policy, type SiteName, siteName } from "@warden/fleet";
import type { Dependency } from "@warden/moodle/site";
import { type Part, parts } from "@warden/remediation";
import * as z from "zod/mini";

export interface Site {
  readonly v: 1;
  readonly site: SiteName;
  readonly groups: readonly GroupName[];
  readonly policy: Policy;
  /** What its nodes share and cannot do without. */
  readonly dependencies: readonly Dependency[];
  /** Alarms of CloudWatch that speak of it. */
  readonly alarms: readonly SiteAlarm[];
  /** Of the IANA's names: what people write about its freezes is in this time. */
  readonly timeZone: string;
}

export interface SiteAlarm {
  readonly name: string;
  /** Of what it speaks. */
  readonly part: Part;
}

const milliseconds = z.int().check(z.positive());

const policySchema = z.object({
  launchHook: z.string().check(z.minLength(1)),
  terminateHook: z.string().check(z.minLength(1)),
  launchBudget: milliseconds,
  bootstrapAttempts: z.int().check(z.minimum(1), z.maximum(20)),
  retryDelay: milliseconds,
  lookAgain: milliseconds,
  commandDelivery: milliseconds.check(z.minimum(30_000)),
  holdRecheck: milliseconds,
  verifyEvery: milliseconds,
  soak: z._default(milliseconds, defaultPolicy.soak),
  drainBudget: milliseconds,
  disruptionBudget: z.number().check(z.gt(0), z.maximum(1)),
  capacityFloor: z.optional(z.int().check(z.nonnegative())),
  breakerThreshold: z.int().check(z.minimum(1)),
  unhealthyMode: z._default(z.enum(modes), defaultPolicy.unhealthyMode),
  rebalanceMode: z._default(z.enum(modes), defaultPolicy.rebalanceMode),
  maintenanceMode: z._default(z.enum(modes), defaultPolicy.maintenanceMode),
});

const dependency = z.object({
  part: z.enum(["database", "sessions", "cache", "secrets"]),
  service: z.enum(["elasticache", "rds", "secretsmanager"]),
  name: z.string().check(z.minLength(1)),
});

export const siteSchema = z.object({
  v: z.literal(1),
  site: z.pipe(z.string(), z.transform(siteName)),
  groups: z.array(z.pipe(z.string(), z.transform(groupName))).check(z.minLength(1)),
  policy: z.pipe(
    policySchema,
    z.transform((policy): Policy => ({ ...policy, capacityFloor: policy.capacityFloor })),
  ),
  dependencies: z._default(z.array(dependency), []),
  alarms: z._default(z.array(z.object({ name: z.string().check(z.minLength(1)), part: z.enum(parts) })), []),
  timeZone: z._default(z.string(), "UTC"),
});

/** A site with Warden's defaults, some of them replaced. */
export function siteOf(
  site: string,
  groups: readonly string[],
  policy: Partial<Policy> = {},
  more: Partial<Pick<Site, "dependencies" | "alarms" | "timeZone">> = {},
): Site {
  return {
    v: 1,
    site: siteName(site),
    groups: groups.map(groupName),
    policy: { ...defaultPolicy, ...policy },
    ...{ dependencies: [], alarms: [], timeZone: "UTC", ...more },
  };
}
