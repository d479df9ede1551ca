/**
 * Which questions a call puts to IAM: each action with the resources and condition keys it carries. The mapping of
 * each service knows what its operations touch; the table of actions (`actions.ts`) has the last word on which
 * actions take a resource at all and which condition keys a request carries.
 */
import { type ActionEntry, actionEntry, takesConditionKey } from "./actions.ts";
import { autoscaling } from "./resources/autoscaling.ts";
import { backup } from "./resources/backup.ts";
import { dynamodb } from "./resources/dynamodb.ts";
import { ec2 } from "./resources/ec2.ts";
import { elasticache } from "./resources/elasticache.ts";
import { elasticloadbalancing, iam, secretsmanager, sts } from "./resources/identity.ts";
import { lambda } from "./resources/lambda.ts";
import { cloudwatch, events, sns, sqs } from "./resources/messaging.ts";
import { Input, type Mapping, type ResourceLookups, type ResourceRequest, type Touch } from "./resources/request.ts";
import { s3 } from "./resources/s3.ts";
import { ssm } from "./resources/ssm.ts";

export type { ResourceLookups, ResourceRequest } from "./resources/request.ts";

/**
 * `service` is the IAM prefix: `autoscaling`, `ssm`, `events` … A resource has a request of its own, because tags are
 * per resource. Empty for a call that needs no permission.
 */
export function resourcesOf(
  service: string,
  operation: string,
  input: unknown,
  lookups: ResourceLookups,
): readonly ResourceRequest[] {
  const read = new Input(input);
  const mapping = mappings.get(service);
  const touches = mapping === undefined ? [{ resources: [] }] : mapping(operation, read, lookups);
  return touches.flatMap((touch, index) => {
    const action = fullAction(service, operation, touch);
    // The first touch of a mapping is the operation itself; later ones without a resource are not asked.
    return index > 0 && touch.resources.length === 0 ? [] : requests(action, touch, read, lookups);
  });
}

const mappings: ReadonlyMap<string, Mapping> = new Map([
  ["autoscaling", autoscaling],
  ["backup", backup],
  ["cloudwatch", cloudwatch],
  ["dynamodb", dynamodb],
  ["ec2", ec2],
  ["elasticache", elasticache],
  ["elasticloadbalancing", elasticloadbalancing],
  ["events", events],
  ["iam", iam],
  ["lambda", lambda],
  ["s3", s3],
  ["secretsmanager", secretsmanager],
  ["sns", sns],
  ["sqs", sqs],
  ["ssm", ssm],
  ["sts", sts],
]);

function fullAction(service: string, operation: string, { action = operation }: Touch): string {
  return action.includes(":") ? action : `${service}:${action}`;
}

function requests(action: string, touch: Touch, input: Input, lookups: ResourceLookups): ResourceRequest[] {
  const entry = actionEntry(action);
  const context = carried(entry, { ...touch.context, ...requestTags(input) });
  if (entry === undefined || entry.resourceTypes.length === 0) return [{ action, resources: ["*"], context }];
  const arns =
    touch.resources.length > 0 ? [...new Set(touch.resources)] : entry.arns.map((arn) => widest(arn, lookups));
  return arns.map((arn) => ({
    action,
    resources: [arn],
    context: { ...context, ...carried(entry, resourceTags(action, lookups.tagsOf(arn))) },
  }));
}

/** Only the keys that AWS's table lists for the action: a condition on another key finds nothing. */
function carried(entry: ActionEntry | undefined, context: ResourceRequest["context"]): ResourceRequest["context"] {
  if (entry === undefined) return {};
  return Object.fromEntries(Object.entries(context).filter(([key]) => takesConditionKey(entry, key)));
}

/** A call that names no resource is about all of the kind: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*`. */
function widest(arn: string, { region, account }: ResourceLookups): string {
  const known = new Map([
    ["Partition", "aws"],
    ["Region", region],
    ["Account", account],
  ]);
  return arn.replace(/\$\{(\w+)\}/g, (_, name: string) => known.get(name) ?? "*");
}

/** Tags are known under the global key and under the service's own older one. */
function resourceTags(action: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  const prefix = action.split(":")[0] ?? "";
  const families = ["aws:ResourceTag", `${prefix}:ResourceTag`, `${prefix}:resourceTag`];
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => families.map((family) => [`${family}/${key}`, value])),
  );
}

/** Tags in the request, as a list of pairs (`Tags`, `TagSpecifications`) or as a map. */
function requestTags(input: Input): ResourceRequest["context"] {
  const listed = [...input.items("Tags"), ...input.items("TagSpecifications").flatMap((one) => one.items("Tags"))];
  const pairs = listed.map((tag) => [tag.text("Key") ?? "", tag.text("Value") ?? ""] as const);
  const map = listed.length > 0 ? [] : [input.member("Tags"), input.member("tags")];
  for (const tags of map) for (const key of tags.keys()) pairs.push([key, tags.text(key) ?? ""]);
  if (pairs.length === 0) return {};
  return {
    ...Object.fromEntries(pairs.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    "aws:TagKeys": pairs.map(([key]) => key),
  };
}
