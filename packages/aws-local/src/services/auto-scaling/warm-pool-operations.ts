/** Operations on warm pools. */
import { AwsError } from "../../aws-error.ts";
import { type Describe, warmPoolOf } from "./describe.ts";
import type { Groups } from "./groups.ts";
import { page } from "./paging.ts";
import type { AutoScalingOperations } from "./sdk-operations.ts";
import type { WarmPools } from "./warm-pool.ts";

export function warmPoolOperations(groups: Groups, warmPools: WarmPools, describe: Describe): AutoScalingOperations {
  return {
    PutWarmPool(input) {
      warmPools.put(groups.require(input.AutoScalingGroupName), {
        minSize: input.MinSize,
        maxGroupPreparedCapacity: input.MaxGroupPreparedCapacity,
        poolState: input.PoolState,
        reuseOnScaleIn: input.InstanceReusePolicy?.ReuseOnScaleIn,
      });
      return {};
    },

    DeleteWarmPool(input) {
      warmPools.remove(groups.require(input.AutoScalingGroupName), input.ForceDelete ?? false);
      return {};
    },

    DescribeWarmPool(input) {
      const group = groups.require(input.AutoScalingGroupName);
      if (group.warmPool === undefined) return { Instances: [] };
      const most = 50;
      if ((input.MaxRecords ?? most) > most)
        throw new AwsError("ValidationError", `MaxRecords must be at most ${most}`);
      const { items, next } = page(describe.read().pool(group), input, { most });
      return { WarmPoolConfiguration: warmPoolOf(group.warmPool), Instances: items, ...next };
    },
  };
}
