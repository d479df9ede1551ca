/** Operations on event buses and tags. */
import type * as sdk from "@aws-sdk/client-eventbridge";
import type { Operations } from "../../service.ts";
import { page } from "./paging.ts";
import type { Bus, Registry } from "./registry.ts";
import { notModelled, validationException } from "./validation.ts";

export function busOperations(registry: Registry) {
  return {
    CreateEventBus(input) {
      notModelled("EventSourceName", input.EventSourceName);
      notModelled("KmsKeyIdentifier", input.KmsKeyIdentifier);
      notModelled("DeadLetterConfig of an event bus", input.DeadLetterConfig);
      notModelled("LogConfig", input.LogConfig);
      const bus = registry.addBus(input.Name, input.Description);
      for (const { Key, Value } of input.Tags ?? []) registry.tags(bus.arn).set(Key, Value);
      return { EventBusArn: bus.arn, Description: bus.description };
    },

    DeleteEventBus({ Name }) {
      if (Name === "default") throw validationException("Cannot delete event bus default.");
      const bus = registry.buses.get(Name);
      if (bus !== undefined && bus.rules.size > 0)
        throw validationException(`Event bus ${Name} cannot be deleted since it has rules.`);
      registry.deleteBus(Name);
      return {};
    },

    DescribeEventBus({ Name }) {
      return described(registry.bus(Name));
    },

    ListEventBuses(input) {
      const named = [...registry.buses.values()].filter(({ name }) => name.startsWith(input.NamePrefix ?? ""));
      const { items, nextToken } = page(named, ({ arn }) => arn, input.Limit ?? 100, input.NextToken);
      return { EventBuses: items.map(described), NextToken: nextToken };
    },

    TagResource({ ResourceARN, Tags }) {
      const tags = registry.tags(ResourceARN);
      for (const { Key, Value } of Tags) tags.set(Key, Value);
      return {};
    },

    UntagResource({ ResourceARN, TagKeys }) {
      const tags = registry.tags(ResourceARN);
      for (const key of TagKeys) tags.delete(key);
      return {};
    },

    ListTagsForResource({ ResourceARN }) {
      return { Tags: [...registry.tags(ResourceARN)].map(([Key, Value]) => ({ Key, Value })) };
    },
  } satisfies Operations<typeof sdk>;
}

const described = (bus: Bus) => ({
  Name: bus.name,
  Arn: bus.arn,
  Description: bus.description,
  CreationTime: bus.createdAt,
  LastModifiedTime: bus.createdAt,
});
