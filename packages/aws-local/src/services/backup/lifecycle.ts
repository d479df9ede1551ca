/** When a recovery point is deleted by itself. Cold storage is not modelled. */
import type * as sdk from "@aws-sdk/client-backup";
import { invalidValue, requireModelled } from "./errors.ts";

export interface Lifecycle {
  readonly deleteAfterDays: number;
}

export const DAY = 86_400_000;

export function lifecycleFrom(given: sdk.Lifecycle | undefined): Lifecycle | undefined {
  if (given === undefined) return undefined;
  const { DeleteAfterDays, ...others } = given;
  requireModelled(others, []);
  if (DeleteAfterDays === undefined) return undefined;
  if (DeleteAfterDays < 1) throw invalidValue("DeleteAfterDays must be at least 1.");
  return { deleteAfterDays: DeleteAfterDays };
}

export const described = ({ deleteAfterDays }: Lifecycle): sdk.Lifecycle => ({ DeleteAfterDays: deleteAfterDays });
