/** Where the parts of this deployment are: the command finds everything by the stage's name alone. */
import type { Resources } from "@warden/functions/policy";
import { deploymentParameter } from "@warden/worlds/deployment";
import type { Control } from "./control.ts";
import type { documents } from "./documents.ts";
import type { Lanes } from "./lanes.ts";
import { titled } from "./named.ts";
import type { SiteParts } from "./site-parts.ts";
import type { Stage } from "./stage.ts";
import type { Store } from "./store.ts";

interface Given {
  readonly kept: Store;
  readonly queues: Lanes;
  readonly functions: Control;
  readonly registered: ReturnType<typeof documents>;
  readonly delivered: readonly aws.cloudwatch.EventRule[];
  readonly resources: Resources<$util.Input<string>>;
  readonly sites: readonly SiteParts[];
}

export function deploymentRecord(stage: Stage, given: Given) {
  const { kept, queues, functions } = given;
  const queue = ({ queue, dlq }: Lanes["urgent"]) => ({
    ...{ url: queue.url, arn: queue.arn, dlqUrl: dlq.url, dlqArn: dlq.arn },
  });
  const named = functions.map(({ each, lambda }) => [each.name, { name: lambda.name, roleArn: lambda.nodes.role.arn }]);
  const record = {
    ...{ v: 1, stage: stage.name, table: kept.table.name, bus: kept.bus.name, bucket: kept.bucket.name },
    // A time here would make every deployment a change. The first sweep is a minute away.
    deployedAt: 0,
    queues: { urgent: queue(queues.urgent), normal: queue(queues.normal) },
    functions: Object.fromEntries(named),
    documents: given.registered,
    rules: given.delivered.map(({ name }) => name),
    schedules: functions.flatMap(({ schedule }) => (schedule === undefined ? [] : [schedule.name])),
    ownRules: functions.flatMap(({ ownRule }) => (ownRule === undefined ? [] : [ownRule.name])),
    resources: given.resources,
  };
  for (const { site, configuration } of given.sites)
    new aws.ssm.Parameter(titled(site, "Configuration"), {
      ...{ name: `/warden/${stage.name}/site/${site.name}`, type: "String", tier: "Intelligent-Tiering" },
      value: $jsonStringify(configuration),
    });
  return new aws.ssm.Parameter("Deployment", {
    ...{ name: deploymentParameter(stage.name), type: "String", tier: "Intelligent-Tiering" },
    value: $jsonStringify(record),
  });
}
