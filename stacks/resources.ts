/** What each name in a grant stands for in this stage: for the functions all of its sites' things, for a node its own site's. */
import { bundleKey, lastGoodParameter, releaseKey } from "@warden/aws/names";
import type { Resources } from "@warden/functions/policy";
import { documentNames, nameWith } from "@warden/moodle";
import type { documents } from "./documents.ts";
import type { Lanes } from "./lanes.ts";
import { groupOf } from "./named.ts";
import type { SiteParts } from "./site-parts.ts";
import type { Store } from "./store.ts";

interface Given {
  readonly kept: Store;
  readonly queues: Lanes;
  readonly registered: ReturnType<typeof documents>;
  readonly told: aws.sns.Topic;
}

export function resourcesOf(sites: readonly SiteParts[], given: Given): Resources<$util.Input<string>> {
  const { kept, queues, registered, told } = given;
  return {
    anything: ["*"],
    groups: sites.map(({ site }) => arn("autoscaling", `autoScalingGroup:*:autoScalingGroupName/${groupOf(site)}`)),
    "target groups": sites.map(({ targets }) => targets.arn),
    documents: documentNames.map((name) => arn("ssm", `document/${nameWith(registered.prefix, name)}`)),
    instances: [arn("ec2", "instance/*")],
    table: [kept.table.arn],
    lanes: [queues.urgent.queue.arn, queues.normal.queue.arn],
    "own lane": [],
    "dead letters": [queues.normal.dlq.arn],
    bus: [kept.bus.arn],
    topic: [told.arn],
    alarms: [arn("cloudwatch", "alarm:*")],
    bundles: [bundleKey("*"), releaseKey("*")].map((key) => $interpolate`${kept.bucket.arn}/${key}`),
    // Sites that share a cache read one secret.
    secrets: [...new Set(sites.flatMap(({ secrets }) => secrets))],
    "last good": sites.map(({ site }) =>
      arn("ssm", `parameter${lastGoodParameter({ site: site.name, group: groupOf(site) })}`),
    ),
  };
}

const arn = (service: string, rest: string) =>
  $interpolate`arn:aws:${service}:${aws.getRegionOutput().region}:${aws.getCallerIdentityOutput().accountId}:${rest}`;
