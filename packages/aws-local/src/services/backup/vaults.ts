/** Backup vaults: names under which recovery points are kept. */
import { notFound } from "./errors.ts";

export interface Vault {
  readonly name: string;
  readonly arn: string;
  readonly order: number;
  readonly createdAt: number;
  readonly encryptionKey: string;
  readonly creatorRequestId: string | undefined;
}

export interface Vaults {
  readonly byName: Map<string, Vault>;
  find(name: string): Vault;
}

export function createVaults(): Vaults {
  const byName = new Map<string, Vault>();
  return {
    byName,
    find(name) {
      const vault = byName.get(name);
      if (vault === undefined) throw notFound(`backup vault ${name}`);
      return vault;
    },
  };
}
