/** What Warden must know of the site from its first instance on. What its nodes have to be comes with `warden moodle deploy`. */

import { siteRow } from "@warden/aws/site-row";
import { siteOf } from "@warden/control";
import { tableKeys } from "@warden/functions/deployed";
import { dependenciesOf, type SiteConfiguration } from "@warden/moodle/site";
import { groupOf } from "./fleet.ts";
import type { Stage } from "./stage.ts";
import type { Store } from "./store.ts";

export function siteRecord(stage: Stage, { table }: Store, configuration: $util.Output<SiteConfiguration>) {
  const row = configuration.apply((known) =>
    siteRow(siteOf(stage.site.name, [groupOf(stage)], {}, dependenciesOf(known))),
  );
  return new aws.dynamodb.TableItem("SiteRecord", {
    ...{ tableName: table.name, hashKey: tableKeys.partition, rangeKey: tableKeys.sort },
    item: $jsonStringify(row),
  });
}
