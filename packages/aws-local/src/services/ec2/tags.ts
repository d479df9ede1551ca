/** The tags of everything in EC2. A resource is adopted when it comes to be and forgotten with it. */
import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError } from "../../aws-error.ts";
import type { Operations } from "../../service.ts";
import { invalidParameterValue } from "./errors.ts";
import { type Filterable, matcherOf } from "./filters.ts";
import { pageOf } from "./paging.ts";

type TaggedResourceType = "image" | "instance" | "launch-template" | "security-group" | "subnet" | "volume" | "vpc";

export type Tags = Readonly<Record<string, string>>;

export interface TagStore {
  /** Makes a resource known. Keys of AWS's own (`aws:…`) are allowed here, and only here. */
  adopt(resourceId: string, type: TaggedResourceType, tags: Tags): void;
  forget(resourceId: string): void;
  of(resourceId: string): Tags;
  onChange(listener: (resourceId: string, tags: Tags) => void): void;
  readonly operations: Pick<Operations<typeof ec2>, "CreateTags" | "DeleteTags" | "DescribeTags">;
}

interface Tagged {
  readonly resourceId: string;
  readonly type: TaggedResourceType;
  readonly order: number;
  tags: Tags;
}

const MOST_TAGS = 50;

export function createTagStore(): TagStore {
  const resources = new Map<string, Tagged>();
  const listeners: ((resourceId: string, tags: Tags) => void)[] = [];
  let adopted = 0;

  function existing(resourceId: string): Tagged {
    const resource = resources.get(resourceId);
    if (resource === undefined) throw resourceNotFound(resourceId);
    return resource;
  }

  function change(resource: Tagged, tags: Tags): void {
    resource.tags = tags;
    for (const listener of listeners) listener(resource.resourceId, tags);
  }

  const operations: TagStore["operations"] = {
    CreateTags(input) {
      const added = tagsFrom(input.Tags);
      refuseReserved(added);
      const changes = input.Resources.map((id) => {
        const resource = existing(id);
        return { resource, tags: { ...resource.tags, ...added } };
      });
      for (const { resource, tags } of changes) refuseTooMany(resource.resourceId, tags);
      for (const { resource, tags } of changes) change(resource, tags);
      return {};
    },

    DeleteTags(input) {
      const found = input.Resources.map(existing);
      for (const resource of found) change(resource, without(resource.tags, input.Tags));
      return {};
    },

    DescribeTags(input) {
      const matches = matcherOf(input.Filters, FILTERABLE, (tag) => ({ [tag.key]: tag.value }));
      const all = [...resources.values()].flatMap(descriptionsOf).filter(matches);
      const page = pageOf(all, (tag) => tag.order, input);
      return {
        Tags: page.items.map((tag) => ({
          ResourceId: tag.resourceId,
          ResourceType: tag.type,
          Key: tag.key,
          Value: tag.value,
        })),
        ...(page.NextToken === undefined ? {} : { NextToken: page.NextToken }),
      };
    },
  };

  return {
    adopt(resourceId, type, tags) {
      refuseTooMany(resourceId, tags);
      resources.set(resourceId, { resourceId, type, tags, order: adopted++ });
    },
    forget: (resourceId) => void resources.delete(resourceId),
    of: (resourceId) => resources.get(resourceId)?.tags ?? {},
    onChange: (listener) => void listeners.push(listener),
    operations,
  };
}

interface TagDescription {
  readonly resourceId: string;
  readonly type: TaggedResourceType;
  readonly key: string;
  readonly value: string;
  readonly order: number;
}

const FILTERABLE: Filterable<TagDescription> = {
  key: (tag) => [tag.key],
  value: (tag) => [tag.value],
  "resource-id": (tag) => [tag.resourceId],
  "resource-type": (tag) => [tag.type],
};

/** More orders than a resource can have tags, so that each tag has its own place among all. */
const descriptionsOf = (resource: Tagged): TagDescription[] =>
  Object.entries(resource.tags).map(([key, value], index) => ({
    resourceId: resource.resourceId,
    type: resource.type,
    key,
    value,
    order: resource.order * 1000 + index,
  }));

/** A missing value is an empty one. */
export const tagsFrom = (
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Tags => Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]));

export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** The tags that a request asks for on resources of one type. */
export function tagsSpecified(
  specifications:
    | readonly {
        readonly ResourceType?: string | undefined;
        readonly Tags?:
          | readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]
          | undefined;
      }[]
    | undefined,
  type: TaggedResourceType,
): Tags {
  const wanted = (specifications ?? []).filter((specification) => specification.ResourceType === type);
  const tags = Object.assign({}, ...wanted.map((specification) => tagsFrom(specification.Tags)));
  refuseReserved(tags);
  refuseTooMany(type, tags);
  return tags;
}

function refuseReserved(tags: Tags): void {
  if (Object.keys(tags).some((key) => key.toLowerCase().startsWith("aws:"))) {
    throw invalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use");
  }
}

/** AWS's own tags do not count. */
function refuseTooMany(resource: string, tags: Tags): void {
  if (Object.keys(tags).filter((key) => !key.startsWith("aws:")).length > MOST_TAGS) {
    throw new AwsError("TagLimitExceeded", `The maximum number of tags for resource '${resource}' has been reached.`);
  }
}

/** Without tags, all go; with a value, a tag goes only when it has that value; AWS's own stay. */
function without(
  tags: Tags,
  removed: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Tags {
  const goes = (key: string, value: string): boolean =>
    !key.startsWith("aws:") &&
    (removed === undefined ||
      removed.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value)));
  return Object.fromEntries(Object.entries(tags).filter(([key, value]) => !goes(key, value)));
}

const NOT_FOUND: readonly (readonly [prefix: string, code: string, what: string])[] = [
  ["i-", "InvalidInstanceID.NotFound", "instance ID"],
  ["lt-", "InvalidLaunchTemplateId.NotFound", "launch template ID"],
  ["sg-", "InvalidGroup.NotFound", "security group"],
  ["subnet-", "InvalidSubnetID.NotFound", "subnet ID"],
  ["vol-", "InvalidVolume.NotFound", "volume"],
  ["vpc-", "InvalidVpcID.NotFound", "vpc ID"],
  ["ami-", "InvalidAMIID.NotFound", "image id"],
];

function resourceNotFound(resourceId: string): AwsError {
  const kind = NOT_FOUND.find(([prefix]) => resourceId.startsWith(prefix));
  if (kind === undefined) return new AwsError("InvalidID", `The ID '${resourceId}' is not valid`);
  return new AwsError(kind[1], `The ${kind[2]} '${resourceId}' does not exist`);
}
