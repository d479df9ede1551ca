/** Tags of documents and parameters. */
import * as ssm from "@aws-sdk/client-ssm";
import type { Operations } from "../../service.ts";

export interface ResourceTag {
  readonly Key: string;
  readonly Value: string;
}

type Tagged = "Document" | "Parameter";

export interface TagStore {
  readonly operations: Pick<
    Operations<typeof ssm>,
    "AddTagsToResource" | "RemoveTagsFromResource" | "ListTagsForResource"
  >;
  /** A resource came to be: only then can it be tagged. */
  set(type: Tagged, id: string, tags: readonly ResourceTag[]): void;
  forget(type: Tagged, id: string): void;
  of(type: Tagged, id: string): ResourceTag[];
}

const mostTags = 50;

export function createTags(): TagStore {
  const resources = new Map<string, Map<string, string>>();
  const keyOf = (type: string, id: string): string => `${type}/${id}`;

  function tagsOf(type: ssm.ResourceTypeForTagging, id: string): Map<string, string> {
    if (type !== "Document" && type !== "Parameter")
      throw new ssm.InvalidResourceType({ message: `Tags of ${type} are not modelled here.`, $metadata: {} });
    const tags = resources.get(keyOf(type, id));
    if (tags === undefined)
      throw new ssm.InvalidResourceId({ message: `The resource ID ${id} isn't valid.`, $metadata: {} });
    return tags;
  }

  return {
    operations: {
      AddTagsToResource(input) {
        const tags = tagsOf(input.ResourceType, input.ResourceId);
        const after = new Map([...tags, ...input.Tags.map(({ Key, Value }): [string, string] => [Key, Value])]);
        if (after.size > mostTags)
          throw new ssm.TooManyTagsError({ message: "A resource can have at most 50 tags.", $metadata: {} });
        resources.set(keyOf(input.ResourceType, input.ResourceId), after);
        return {};
      },
      RemoveTagsFromResource(input) {
        const tags = tagsOf(input.ResourceType, input.ResourceId);
        for (const key of input.TagKeys) tags.delete(key);
        return {};
      },
      ListTagsForResource: (input) => ({ TagList: listed(tagsOf(input.ResourceType, input.ResourceId)) }),
    },
    set(type, id, tags) {
      resources.set(keyOf(type, id), new Map(tags.map(({ Key, Value }) => [Key, Value])));
    },
    forget(type, id) {
      resources.delete(keyOf(type, id));
    },
    of: (type, id) => listed(resources.get(keyOf(type, id)) ?? new Map()),
  };
}

const listed = (tags: ReadonlyMap<string, string>): ResourceTag[] => [...tags].map(([Key, Value]) => ({ Key, Value }));
