/** Tags of replication groups and clusters; a change to those of a group is made to those of its clusters, too. */
import type * as sdk from "@aws-sdk/client-elasticache";
import { InvalidARNFault, TagNotFoundFault, TagQuotaPerResourceExceeded } from "@aws-sdk/client-elasticache";
import type { Operations } from "../../service.ts";
import { invalidState } from "./errors.ts";
import type { ReplicationGroup, ReplicationGroups } from "./replication-group.ts";

export interface TagStore {
  /** Of a group that is new. */
  adopt(group: ReplicationGroup, tags: ReadonlyMap<string, string>): void;
  forget(group: ReplicationGroup): void;
  of(arn: string): Readonly<Record<string, string>>;
  readonly operations: Pick<
    Operations<typeof sdk>,
    "AddTagsToResource" | "ListTagsForResource" | "RemoveTagsFromResource"
  >;
}

const MOST_TAGS = 50;

export function createTagStore(groups: ReplicationGroups): TagStore {
  const tagsByArn = new Map<string, Map<string, string>>();

  /** The tags of what an ARN names, and of all that a change reaches. */
  function named(arn: string): { own: Map<string, string>; reached: readonly Map<string, string>[] } {
    const [type = "", id = ""] = /^arn:aws:elasticache:[^:]*:[^:]*:([^:]+):([^:]+)$/.exec(arn)?.slice(1) ?? [];
    if (type !== "replicationgroup" && type !== "cluster") throw invalidArn(arn);
    const { group, arns } = type === "cluster" ? ofCluster(id) : ofGroup(id);
    if (group.status !== "available") {
      throw invalidState("Cluster not in available state to perform tagging operations.");
    }
    const reached = arns.map((one) => tagsByArn.get(one) ?? new Map<string, string>());
    const own = tagsByArn.get(arn);
    if (own === undefined) throw invalidArn(arn);
    return { own, reached };
  }

  function ofGroup(id: string) {
    const group = groups.find(id);
    return { group, arns: arnsOf(group) };
  }

  function ofCluster(id: string) {
    const { group, cluster } = groups.cluster(id);
    return { group, arns: [cluster.arn] };
  }

  return {
    adopt(group, tags) {
      for (const arn of arnsOf(group)) tagsByArn.set(arn, new Map(tags));
    },
    forget(group) {
      for (const arn of arnsOf(group)) tagsByArn.delete(arn);
    },
    of: (arn) => Object.fromEntries(tagsByArn.get(arn) ?? []),
    operations: {
      AddTagsToResource({ ResourceName, Tags }) {
        const added = tagsFrom(Tags);
        const { own, reached } = named(ResourceName);
        for (const tags of reached) requireRoom(new Map([...tags, ...added]));
        for (const tags of reached) for (const [key, value] of added) tags.set(key, value);
        return { TagList: listed(own) };
      },

      RemoveTagsFromResource({ ResourceName, TagKeys }) {
        const { own, reached } = named(ResourceName);
        const missing = TagKeys.find((key) => !own.has(key));
        if (missing !== undefined) {
          throw new TagNotFoundFault({ message: `The tag ${missing} was not found on this resource.`, $metadata: {} });
        }
        for (const tags of reached) for (const key of TagKeys) tags.delete(key);
        return { TagList: listed(own) };
      },

      ListTagsForResource: ({ ResourceName }) => ({ TagList: listed(named(ResourceName).own) }),
    },
  };
}

/** Of a request; a value may be left out. */
export function tagsFrom(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = [],
): ReadonlyMap<string, string> {
  const found = new Map(tags.map(({ Key = "", Value = "" }) => [Key, Value] as const));
  requireRoom(found);
  return found;
}

function requireRoom(tags: ReadonlyMap<string, string>): void {
  if (tags.size <= MOST_TAGS) return;
  throw new TagQuotaPerResourceExceeded({
    message: `The maximum number of tags permitted on a resource is ${MOST_TAGS}.`,
    $metadata: {},
  });
}

const arnsOf = (group: ReplicationGroup): string[] => [group.arn, ...group.clusters.map(({ arn }) => arn)];

const listed = (tags: ReadonlyMap<string, string>): sdk.Tag[] => [...tags].map(([Key, Value]) => ({ Key, Value }));

const invalidArn = (arn: string): Error =>
  new InvalidARNFault({ message: `${arn} does not refer to an existing resource.`, $metadata: {} });
