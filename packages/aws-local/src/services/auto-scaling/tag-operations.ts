/** Tags of groups, and the filters that look at them. */
import type { Filter, Tag } from "@aws-sdk/client-auto-scaling";
import { AwsError } from "../../aws-error.ts";
import { tagOf } from "./describe.ts";
import type { Group, Groups } from "./groups.ts";
import { page } from "./paging.ts";
import type { AutoScalingOperations } from "./sdk-operations.ts";

type GivenTag = Omit<Tag, "Key"> & { readonly Key: string };

export function tagOperations(groups: Groups): AutoScalingOperations {
  return {
    CreateOrUpdateTags(input) {
      for (const tag of input.Tags) putTags(groups.require(requireResource(tag)), [tag]);
      return {};
    },

    DeleteTags(input) {
      for (const tag of input.Tags) groups.require(requireResource(tag)).tags.delete(tag.Key);
      return {};
    },

    DescribeTags(input) {
      const tags = [...groups.all.values()].flatMap((group) =>
        [...group.tags.values()].map((tag) => tagOf(group, tag)),
      );
      const matching = tags.filter((tag) =>
        (input.Filters ?? []).every(({ Name, Values }) => (Values ?? []).includes(filtered(tag, Name))),
      );
      const { items, next } = page(matching, input, { most: 100, usual: 50 });
      return { Tags: items, ...next };
    },
  };
}

function requireResource(tag: GivenTag): string {
  if (tag.ResourceType !== undefined && tag.ResourceType !== "auto-scaling-group") {
    throw new AwsError("ValidationError", `Resource type ${tag.ResourceType} is not valid`);
  }
  if (tag.ResourceId !== undefined) return tag.ResourceId;
  throw new AwsError("ValidationError", "Resource ID must be specified");
}

function filtered(tag: ReturnType<typeof tagOf>, name: string | undefined): string {
  switch (name) {
    case "auto-scaling-group":
      return tag.ResourceId ?? "";
    case "key":
      return tag.Key ?? "";
    case "value":
      return tag.Value ?? "";
    case "propagate-at-launch":
      return String(tag.PropagateAtLaunch);
    default:
      throw new AwsError("ValidationError", `Filter type ${name} is not correct.`);
  }
}

export function putTags(group: Group, tags: readonly GivenTag[]): void {
  for (const { Key: key, Value: value = "", PropagateAtLaunch: propagateAtLaunch = false } of tags) {
    if (key.startsWith("aws:"))
      throw new AwsError("ValidationError", "aws: prefixed tag key names are not allowed for external use.");
    group.tags.set(key, { key, value, propagateAtLaunch });
  }
}

/** `tag-key`, `tag-value` and `tag:<key>` of DescribeAutoScalingGroups. */
export function tagMatches(group: Group, { Name: name = "", Values: values = [] }: Filter): boolean {
  if (name === "tag-key") return values.some((key) => group.tags.has(key));
  if (name === "tag-value") return [...group.tags.values()].some(({ value }) => values.includes(value));
  if (name.startsWith("tag:")) {
    const tag = group.tags.get(name.slice("tag:".length));
    return tag !== undefined && values.includes(tag.value);
  }
  throw new AwsError("ValidationError", `Filter type ${name} is not correct.`);
}
