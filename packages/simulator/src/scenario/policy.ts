/** What a policy file may say: each key is one of a site's settings, and what it does not name stays as the site has it. */

import { modes } from "@warden/fleet";
import { choice, duration, mapping, share, whole } from "@warden/yaml";
import type * as z from "zod";

export const policySchema = mapping({
  launchBudget: duration.optional(),
  bootstrapAttempts: whole(1, 20).optional(),
  retryDelay: duration.optional(),
  lookAgain: duration.optional(),
  commandDelivery: duration.optional(),
  holdRecheck: duration.optional(),
  verifyEvery: duration.optional(),
  soak: duration.optional(),
  drainBudget: duration.optional(),
  disruptionBudget: share.optional(),
  capacityFloor: whole().optional(),
  breakerThreshold: whole(1).optional(),
  unhealthyMode: choice(modes).optional(),
  rebalanceMode: choice(modes).optional(),
  maintenanceMode: choice(modes).optional(),
});

export type PolicyChanges = z.output<typeof policySchema>;
