/** SQS, SNS, EventBridge and CloudWatch: named things, and batches that are allowed as their single action. */
import { type Input, type Mapping, passRole, type ResourceLookups, type Touch } from "./request.ts";

/** `SendMessageBatch` is allowed by `sqs:SendMessage` (SQS guide, "Amazon SQS API permissions"). */
export const sqs: Mapping = (operation, input, lookups) => {
  const { region, account } = lookups;
  const byName = input.texts("QueueName").map((name) => `arn:aws:sqs:${region}:${account}:${name}`);
  const byUrl = input.texts("QueueUrl").map((url) => queueArn(url, lookups));
  return [{ action: operation.replace(/Batch$/, ""), resources: [...byName, ...byUrl, ...input.texts("SourceArn")] }];
};

/** A queue's URL ends with `/ACCOUNT/NAME`. */
function queueArn(url: string, { region, account }: ResourceLookups): string {
  const [name = url, owner = account] = url.split("/").reverse();
  return `arn:aws:sqs:${region}:${/^\d{12}$/.test(owner) ? owner : account}:${name}`;
}

export const sns: Mapping = (operation, input, { region, account }) => [
  {
    action: operation.replace(/Batch$/, ""),
    resources: [
      ...["TopicArn", "TargetArn", "ResourceArn"].flatMap((member) => input.texts(member)),
      ...input.texts("Name").map((name) => `arn:aws:sns:${region}:${account}:${name}`),
    ],
    context: {
      ...texts("sns:Protocol", input.texts("Protocol")),
      ...texts("sns:Endpoint", input.texts("Endpoint")),
    },
  },
];

export const events: Mapping = (operation, input, lookups) => {
  if (operation === "PutEvents") return input.items("Entries").map((entry) => putEvent(entry, lookups));
  const bus = input.text("EventBusName");
  const rules = [...input.texts("Rule"), ...(operation.endsWith("Rule") ? input.texts("Name") : [])];
  const buses = operation.endsWith("EventBus") ? (input.has("Name") ? input.texts("Name") : ["default"]) : [];
  return [
    {
      resources: [
        ...rules.map((rule) => ruleArn(rule, bus, lookups)),
        ...buses.map((name) => busArn(name, lookups)),
        ...input.texts("ResourceARN"),
      ],
      context: texts(
        "events:TargetArn",
        input.items("Targets").flatMap((target) => target.texts("Arn")),
      ),
    },
    ...[input, ...input.items("Targets")].flatMap((holder) => passRole(holder.text("RoleArn"), "events.amazonaws.com")),
  ];
};

function putEvent(entry: Input, lookups: ResourceLookups): Touch {
  return {
    resources: [busArn(entry.text("EventBusName") ?? "default", lookups)],
    context: {
      ...texts("events:source", entry.texts("Source")),
      ...texts("events:detail-type", entry.texts("DetailType")),
    },
  };
}

function busArn(name: string, { region, account }: ResourceLookups): string {
  return name.startsWith("arn:") ? name : `arn:aws:events:${region}:${account}:event-bus/${name}`;
}

/** Rules of the default bus leave the bus out of their ARN. */
function ruleArn(rule: string, bus: string | undefined, { region, account }: ResourceLookups): string {
  const name = bus?.replace(/^.*\//, "") ?? "default";
  return `arn:aws:events:${region}:${account}:rule/${name === "default" ? rule : `${name}/${rule}`}`;
}

export const cloudwatch: Mapping = (_, input, { region, account }) => {
  const names = [...input.texts("AlarmName"), ...input.texts("AlarmNames")];
  return [
    {
      resources: [
        ...names.map((name) => `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`),
        ...input.texts("DashboardName").map((name) => `arn:aws:cloudwatch::${account}:dashboard/${name}`),
        ...input.texts("ResourceARN"),
      ],
      context: {
        ...texts("cloudwatch:namespace", input.texts("Namespace")),
        ...texts("cloudwatch:AlarmActions", input.texts("AlarmActions")),
      },
    },
  ];
};

function texts(key: string, values: readonly string[]): Record<string, readonly string[]> {
  return values.length === 0 ? {} : { [key]: values };
}
