/** Tags of vaults and recovery points. */
import type * as sdk from "@aws-sdk/client-backup";
import type { Operations } from "../../service.ts";
import { invalidValue, notFound, requireModelled } from "./errors.ts";

export interface TagStore {
  /** Of what is new. */
  adopt(arn: string, tags: ReadonlyMap<string, string>): void;
  forget(arn: string): void;
  of(arn: string): Readonly<Record<string, string>>;
  readonly operations: Pick<Operations<typeof sdk>, "ListTags" | "TagResource" | "UntagResource">;
}

const MOST_TAGS = 50;

export function createTagStore(): TagStore {
  const tagsByArn = new Map<string, ReadonlyMap<string, string>>();

  function named(arn: string): ReadonlyMap<string, string> {
    const tags = tagsByArn.get(arn);
    if (tags === undefined) throw notFound(arn);
    return tags;
  }

  return {
    adopt: (arn, tags) => tagsByArn.set(arn, tags),
    forget: (arn) => tagsByArn.delete(arn),
    of: (arn) => Object.fromEntries(tagsByArn.get(arn) ?? []),
    operations: {
      TagResource({ ResourceArn, Tags }) {
        tagsByArn.set(ResourceArn, tagsFrom({ ...Object.fromEntries(named(ResourceArn)), ...Tags }));
        return {};
      },

      UntagResource({ ResourceArn, TagKeyList }) {
        const left = [...named(ResourceArn)].filter(([key]) => !TagKeyList.includes(key));
        tagsByArn.set(ResourceArn, new Map(left));
        return {};
      },

      ListTags({ ResourceArn, ...paging }) {
        requireModelled(paging, []);
        return { Tags: Object.fromEntries(named(ResourceArn)) };
      },
    },
  };
}

/** Of a request. */
export function tagsFrom(given: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  const tags = new Map(Object.entries(given));
  if (tags.size > MOST_TAGS) throw invalidValue(`A resource has ${MOST_TAGS} tags at most.`);
  return tags;
}
