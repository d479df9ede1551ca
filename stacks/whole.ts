/** Everything of a stage, in the order in which one thing needs another. The groups come last: they launch at once. */
import { accessLogs } from "./access-logs.ts";
import { alarms } from "./alarms.ts";
import { cacheTopic, listenToCaches } from "./cache-topic.ts";
import { control } from "./control.ts";
import { deploymentRecord } from "./deployment-record.ts";
import { documents } from "./documents.ts";
import { fleet } from "./fleet.ts";
import { governance } from "./governance.ts";
import { lanes } from "./lanes.ts";
import { groupOf } from "./named.ts";
import { network } from "./network.ts";
import { notifications } from "./notifications.ts";
import { observability } from "./observability.ts";
import { resourcesOf } from "./resources.ts";
import { rules } from "./rules.ts";
import { siteAlarms } from "./site-alarms.ts";
import { sitesOf } from "./site-parts.ts";
import { siteRecord } from "./site-record.ts";
import type { Stage } from "./stage.ts";
import { store } from "./store.ts";
import { trail } from "./trail.ts";

export function whole(stage: Stage) {
  const net = network(stage);
  const topic = cacheTopic();
  const sites = sitesOf(stage, { network: net, topic, logs: accessLogs(stage) });

  const kept = store(stage);
  const queues = lanes({ topic });
  listenToCaches(topic, queues);
  const registered = documents();

  const told = notifications(stage);

  const parts = { kept, queues, registered, told };
  const resources = resourcesOf(sites, parts);
  const surroundings = {
    ...{
      table: kept.table.name,
      bus: kept.bus.name,
      topic: told.arn,
      stage: stage.name,
      documents: $jsonStringify(registered),
    },
    ...{ urgentQueueUrl: queues.urgent.queue.url, normalQueueUrl: queues.normal.queue.url },
  };
  const functions = control({ stage, lanes: queues, resources, surroundings });
  const delivered = rules({ lanes: queues });
  const record = deploymentRecord(stage, { ...parts, functions, delivered, resources, sites });

  for (const each of sites)
    fleet(stage, each, {
      ...{ network: net, bucket: kept.bucket, lanes: queues },
      reach: resourcesOf([each], parts),
      after: [
        ...each.targets.ready,
        record,
        siteRecord(each, siteAlarms(each, sites), kept),
        ...delivered,
        ...functions.map(({ lambda }) => lambda.nodes.function),
      ],
    });
  alarms({ lanes: queues, functions, topic: told });
  observability({ lanes: queues, functions, sites });
  // Sites that share a database have one to copy.
  const holding = sites.flatMap(({ database, files }) => [
    database.arn,
    ...(files.arn === undefined ? [] : [files.arn]),
  ]);
  if (stage.trail) trail(stage);
  governance(stage, [...new Set(holding)]);
  return Object.fromEntries(sites.map(({ site }) => [site.name, `https://${site.host}: ${groupOf(site)}`]));
}
