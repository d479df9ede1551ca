/** Keeps Auto Scaling from taking nodes away. Only the sweep does. */
import {
  type AutoScalingClient,
  SetInstanceProtectionCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { ScalingPort } from "@warden/control";
import { calling } from "./classify.ts";
import { pagesOf } from "./pages.ts";

export function scalingPort(client: AutoScalingClient): ScalingPort {
  return {
    async update(AutoScalingGroupName, { min, protectsNew }) {
      const input = { AutoScalingGroupName, MinSize: min, NewInstancesProtectedFromScaleIn: protectsNew };
      await calling("autoscaling:UpdateAutoScalingGroup", () => client.send(new UpdateAutoScalingGroupCommand(input)));
    },

    async protect(AutoScalingGroupName, instances, ProtectedFromScaleIn) {
      // "You can specify up to 50 IDs" (SetInstanceProtection).
      for (const InstanceIds of pagesOf(instances, 50)) {
        const input = { AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn };
        await calling("autoscaling:SetInstanceProtection", () => client.send(new SetInstanceProtectionCommand(input)));
      }
    },
  };
}
