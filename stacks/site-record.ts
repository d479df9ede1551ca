/** What Warden must know of the site from its first instance on. What its nodes have to be comes with `warden moodle deploy`. */

import { siteRow } from "@warden/aws/site-row";
import { type SiteAlarm, siteOf } from "@warden/control";
import { tableKeys } from "@warden/functions/deployed";
import { dependenciesOf } from "@warden/moodle/site";
import { groupOf, titled } from "./named.ts";
import type { SiteParts } from "./site-parts.ts";
import type { Store } from "./store.ts";

export function siteRecord({ site, configuration }: SiteParts, alarms: readonly SiteAlarm[], { table }: Store) {
  const row = configuration.apply((known) =>
    siteRow(
      siteOf(site.name, [groupOf(site)], site.policy, {
        dependencies: dependenciesOf(known),
        alarms,
        timeZone: site.timeZone,
      }),
    ),
  );
  return new aws.dynamodb.TableItem(titled(site, "Record"), {
    ...{ tableName: table.name, hashKey: tableKeys.partition, rangeKey: tableKeys.sort },
    item: $jsonStringify(row),
  });
}
