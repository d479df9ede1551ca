/** Tags of load balancers, listeners and target groups. */

import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { DuplicateTagKeysException, TooManyTagsException } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Operations } from "../../service.ts";
import { listenerNotFound, loadBalancerNotFound, targetGroupNotFound, validationError } from "./errors.ts";

export interface TagStore {
  adopt(arn: string, tags: ReadonlyMap<string, string>): void;
  forget(arn: string): void;
  of(arn: string): Readonly<Record<string, string>>;
  readonly operations: Pick<Operations<typeof elb>, "AddTags" | "DescribeTags" | "RemoveTags">;
}

const MOST_TAGS = 50;

export function createTagStore(): TagStore {
  const tagsByArn = new Map<string, Map<string, string>>();

  function existing(arn: string): Map<string, string> {
    const tags = tagsByArn.get(arn);
    if (tags === undefined) throw notFound(arn);
    return tags;
  }

  return {
    adopt: (arn, tags) => void tagsByArn.set(arn, new Map(tags)),
    forget: (arn) => void tagsByArn.delete(arn),
    of: (arn) => Object.fromEntries(tagsByArn.get(arn) ?? []),
    operations: {
      AddTags(input) {
        const added = tagsFrom(input.Tags);
        const resources = input.ResourceArns.map(existing);
        if (resources.some((tags) => new Set([...tags.keys(), ...added.keys()]).size > MOST_TAGS)) {
          throw new TooManyTagsException({
            message: `The maximum number of tags per resource is ${MOST_TAGS}`,
            $metadata: {},
          });
        }
        for (const tags of resources) for (const [key, value] of added) tags.set(key, value);
        return {};
      },

      RemoveTags(input) {
        const resources = input.ResourceArns.map(existing);
        for (const tags of resources) for (const key of input.TagKeys) tags.delete(key);
        return {};
      },

      DescribeTags(input) {
        if (input.ResourceArns.length > 20) {
          throw validationError("You can specify up to 20 resources in a single call");
        }
        const TagDescriptions = input.ResourceArns.map((ResourceArn) => ({
          ResourceArn,
          Tags: [...existing(ResourceArn)].map(([Key, Value]) => ({ Key, Value })),
        }));
        return { TagDescriptions };
      },
    },
  };
}

export function tagsFrom(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { Key = "", Value = "" } of tags ?? []) {
    if (found.has(Key)) {
      throw new DuplicateTagKeysException({
        message: `A tag key was specified more than once: '${Key}'`,
        $metadata: {},
      });
    }
    found.set(Key, Value);
  }
  return found;
}

function notFound(arn: string): Error {
  if (arn.includes(":targetgroup/")) return targetGroupNotFound();
  if (arn.includes(":listener/")) return listenerNotFound();
  if (arn.includes(":loadbalancer/")) return loadBalancerNotFound();
  return validationError(`'${arn}' is not a valid load balancer, listener or target group ARN`);
}
