/** Everything of a stage, in the order in which one thing needs another. The group comes last: it launches at once. */
import { bundleKey, lastGoodParameter, releaseKey } from "@warden/aws/names";
import { documentNames, nameWith } from "@warden/moodle";
import { alarms } from "./alarms.ts";
import { balancer } from "./balancer.ts";
import { cacheTopic, listenToCaches } from "./cache-topic.ts";
import { caches } from "./caches.ts";
import { control } from "./control.ts";
import { database } from "./database.ts";
import { deploymentRecord } from "./deployment-record.ts";
import { documents } from "./documents.ts";
import { files } from "./files.ts";
import { fleet, groupOf } from "./fleet.ts";
import { governance } from "./governance.ts";
import { lanes } from "./lanes.ts";
import { network } from "./network.ts";
import { nodeRole } from "./node-role.ts";
import { notifications } from "./notifications.ts";
import { observability } from "./observability.ts";
import { rules } from "./rules.ts";
import { secret } from "./secret.ts";
import { siteConfiguration } from "./site-configuration.ts";
import { siteRecord } from "./site-record.ts";
import type { Stage } from "./stage.ts";
import { store } from "./store.ts";

export function whole(stage: Stage) {
  const net = network(stage);
  const topic = cacheTopic();
  const data = { database: database(stage, net), caches: caches(stage, net, topic), files: files(stage, net) };
  const administrator = secret("Administrator", "administrator").reference;
  const configuration = siteConfiguration(stage, { ...data, administrator });
  const { alb, targets, rule: toNodes } = balancer(stage, net);

  const kept = store(stage);
  const queues = lanes({ topic });
  listenToCaches(topic, queues);
  const registered = documents();

  const arn = (service: string, rest: string) =>
    $interpolate`arn:aws:${service}:${aws.getRegionOutput().region}:${aws.getCallerIdentityOutput().accountId}:${rest}`;
  const group = { site: stage.site.name, group: groupOf(stage) };
  const resources = {
    anything: ["*"],
    groups: [arn("autoscaling", `autoScalingGroup:*:autoScalingGroupName/${group.group}`)],
    "target groups": [targets.arn],
    documents: documentNames.map((name) => arn("ssm", `document/${nameWith(registered.prefix, name)}`)),
    instances: [arn("ec2", "instance/*")],
    table: [kept.table.arn],
    lanes: [queues.urgent.queue.arn, queues.normal.queue.arn],
    "own lane": [],
    bus: [kept.bus.arn],
    bundles: [bundleKey("*"), releaseKey("*")].map((key) => $interpolate`${kept.bucket.arn}/${key}`),
    secrets: [
      ...[data.database, data.caches.sessions, data.caches.cache].map(({ password }) => password.secret),
      administrator.secret,
    ],
    "last good": [arn("ssm", `parameter${lastGoodParameter(group)}`)],
  };
  const surroundings = {
    ...{ table: kept.table.name, bus: kept.bus.name, documents: $jsonStringify(registered) },
    ...{ urgentQueueUrl: queues.urgent.queue.url, normalQueueUrl: queues.normal.queue.url },
  };
  const functions = control({ stage, lanes: queues, resources, surroundings });
  const delivered = rules({ lanes: queues });
  const record = deploymentRecord(stage, { kept, queues, functions, registered, delivered, resources, configuration });

  const { group: nodes } = fleet(stage, {
    ...{
      network: net,
      targets,
      profile: nodeRole(stage.site, resources),
      bucket: kept.bucket,
      lanes: queues,
      configuration,
    },
    after: [
      toNodes,
      record,
      siteRecord(stage, kept, configuration),
      ...delivered,
      ...functions.map(({ lambda }) => lambda),
    ],
  });
  alarms({ lanes: queues, functions, topic: notifications(stage) });
  observability({ lanes: queues, functions, group: nodes, targets, alb });
  governance(stage, [data.database.arn, data.files.system.arn]);
  return { address: `https://${stage.site.host}`, group: nodes.name };
}
