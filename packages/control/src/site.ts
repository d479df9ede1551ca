/** What Warden must know of a site to care for its nodes. Written by the stack or the local world, read by the loop. */
import { defaultPolicy, type GroupName, groupName, type Policy, type SiteName, siteName } from "@warden/fleet";
import * as z from "zod";

export interface Site {
  readonly v: 1;
  readonly site: SiteName;
  readonly groups: readonly GroupName[];
  readonly policy: Policy;
}

const milliseconds = z.int().positive();

const policySchema = z.object({
  launchHook: z.string().min(1),
  terminateHook: z.string().min(1),
  launchBudget: milliseconds,
  bootstrapAttempts: z.int().min(1).max(20),
  retryDelay: milliseconds,
  lookAgain: milliseconds,
  commandDelivery: milliseconds.min(30_000),
  holdRecheck: milliseconds,
  verifyEvery: milliseconds,
  drainBudget: milliseconds,
  disruptionBudget: z.number().gt(0).max(1),
  capacityFloor: z.int().nonnegative().optional(),
  breakerThreshold: z.int().min(1),
});

export const siteSchema = z.object({
  v: z.literal(1),
  site: z.string().transform(siteName),
  groups: z.array(z.string().transform(groupName)).min(1),
  policy: policySchema.transform((policy): Policy => ({ ...policy, capacityFloor: policy.capacityFloor })),
});

/** A site with Warden's defaults, some of them replaced. */
export function siteOf(site: string, groups: readonly string[], policy: Partial<Policy> = {}): Site {
  return { v: 1, site: siteName(site), groups: groups.map(groupName), policy: { ...defaultPolicy, ...policy } };
}
