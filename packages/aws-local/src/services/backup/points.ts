/** Recovery points, by their ARN, from the start of their job until they are deleted. */
import type { Lifecycle } from "./lifecycle.ts";
import type { Resource } from "./resources.ts";
import type { Vault } from "./vaults.ts";

export interface RecoveryPoint {
  readonly arn: string;
  readonly order: number;
  readonly vault: Vault;
  readonly resource: Resource;
  readonly roleArn: string;
  /** When its job was asked for: earlier than anything was copied. */
  readonly createdAt: number;
  readonly lifecycle: Lifecycle | undefined;
  /** Undefined while it is CREATING. */
  completedAt: number | undefined;
}

export interface Points {
  readonly byArn: Map<string, RecoveryPoint>;
  in(vault: Vault): readonly RecoveryPoint[];
  of(resourceArn: string): readonly RecoveryPoint[];
}

export function createPoints(): Points {
  const byArn = new Map<string, RecoveryPoint>();
  return {
    byArn,
    in: (vault) => [...byArn.values()].filter((point) => point.vault === vault),
    of: (resourceArn) => [...byArn.values()].filter(({ resource }) => resource.arn === resourceArn),
  };
}
