/** Where the nodes' logs arrive. A node may write to these groups, and make none. */
import { logGroups, logRetention } from "@warden/moodle/logs";
import { titled, titleOf } from "./named.ts";
import { logsOf } from "./site-configuration.ts";
import type { Site, Stage } from "./stage.ts";

export const nodeLogs = (stage: Stage, site: Site): readonly aws.cloudwatch.LogGroup[] =>
  logGroups({ site: site.name, logs: logsOf(stage, site) }).map(
    (name) =>
      new aws.cloudwatch.LogGroup(titled(site, `Logs${titleOf(name.split("/").at(-1) ?? "")}`), {
        ...{ name, retentionInDays: logRetention },
      }),
  );
