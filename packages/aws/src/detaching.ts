/** What takes Warden off a site's groups. Only the command asks for it: no function may do it. */
import {
  AutoScalingClient,
  type AutoScalingClientConfig,
  DeleteLifecycleHookCommand,
} from "@aws-sdk/client-auto-scaling";
import { DeleteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DetachingPort } from "@warden/control";
import { calling } from "./classify.ts";
import { toItem } from "./store/items.ts";
import { siteItem } from "./store/keys.ts";

export function detaching(options: Pick<AutoScalingClientConfig, "region">, table: string): DetachingPort {
  const autoScaling = new AutoScalingClient(options);
  const dynamo = new DynamoDBClient(options);
  return {
    async deleteHook(AutoScalingGroupName, LifecycleHookName) {
      const command = new DeleteLifecycleHookCommand({ AutoScalingGroupName, LifecycleHookName });
      await calling("autoscaling:DeleteLifecycleHook", () => autoScaling.send(command));
    },
    async dropSite(site) {
      const command = new DeleteItemCommand({ TableName: table, Key: toItem({ ...siteItem(site) }) });
      await calling("dynamodb:DeleteItem", () => dynamo.send(command));
    },
  };
}
