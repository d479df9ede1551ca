/**
 * The embedded AWS Backup: vaults, jobs on demand, recovery points, without data. RDS and EFS are not here, so whatever
 * an ARN of theirs names in this account and Region counts as there. Plans, copies, restores and locks are refused, and
 * EventBridge is told nothing.
 */
import * as sdk from "@aws-sdk/client-backup";
import type { Surroundings } from "../../region.ts";
import { type EmbeddedService, embeddedService } from "../../service.ts";
import { jobOperations, type Trusts } from "./job-operations.ts";
import { pointOperations } from "./point-operations.ts";
import { createPoints } from "./points.ts";
import { createTagStore } from "./tags.ts";
import { vaultOperations } from "./vault-operations.ts";
import { createVaults } from "./vaults.ts";

export interface Backup {
  readonly service: EmbeddedService;
  /** For `aws:ResourceTag/…` in policies; none for a resource that does not exist. */
  tagsOf(arn: string): Readonly<Record<string, string>>;
}

export function createBackup(surroundings: Surroundings, neighbours: { readonly trusts: Trusts }): Backup {
  const vaults = createVaults();
  const points = createPoints();
  const tags = createTagStore();
  return {
    service: embeddedService(sdk, "backup", {
      ...vaultOperations(surroundings, { vaults, points, tags }),
      ...jobOperations(surroundings, { vaults, points, tags, trusts: neighbours.trusts }),
      ...pointOperations(surroundings, { vaults, points, tags }),
      ...tags.operations,
    }),
    tagsOf: tags.of,
  };
}
