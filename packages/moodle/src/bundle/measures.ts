/**
 * What a node measures each minute, for alarms. The site's figures come from one node at a time; those of a node are
 * fields of its line for Logs Insights, and two of them metrics over the whole fleet, whose average and maximum say what
 * an alarm has to know.
 *
 * The price, of October 2026 in us-east-1 and eu-west-1: 7 metrics at 0.30 USD a month are 2.10 USD, whatever the number of
 * nodes. A line of about 1 kB a minute from each of 6 nodes is 0.26 GB a month, at 0.57 USD 0.15 USD. Ten metrics with the
 * instance as a dimension would be 18 USD for 6 nodes.
 */
import type { SiteConfiguration } from "../site/schema.ts";
import { lockExpires, ownPrefix, sessionPrefix } from "./config-php.ts";
import { type PhpValue, phpLiteral } from "./php.ts";
import { places, platformOf } from "./places.ts";
import { database, redis, workersStatus } from "./readiness.ts";
import { forgetSecrets, requireSecrets } from "./secrets.ts";
import { fpmSockets } from "./workers.ts";

export function measureSettings(site: SiteConfiguration): string {
  const { sessions } = site;
  const { name, prefix } = site.database;
  const settings: PhpValue = {
    site: site.site,
    workers: workersStatus,
    socket: fpmSockets(site).moodle,
    opcache: "http://127.0.0.1/warden/opcache",
    database: database(site),
    prefix,
    /** For which the cache configuration's `siteidentifier` stands. */
    caches: ownPrefix(site),
    /** Two sites may share a server. */
    lock: `${name} ${prefix}`,
    /** The second of the minute to which whoever measures the site keeps its lock: longer than clocks may differ. */
    hold: 20,
    sessions: "redis" in sessions ? redis(sessions.redis, "sessions") : null,
    sessionprefix: sessionPrefix(site),
    lockexpires: lockExpires(site),
  };
  return `<?php\n// Written by Warden.\n${requireSecrets}\n$settings = ${phpLiteral(settings)};\n${forgetSecrets}\nreturn $settings;\n`;
}

export function measureService(site: SiteConfiguration): string {
  const { user, group, php } = platformOf(site);
  return `# Written by Warden. A change made here is found and taken back: change the site configuration.
[Unit]
Description=Measures of this node and of Moodle

[Service]
Type=oneshot
User=${user}
Group=${group}
ExecStart=${php} ${places.measure} ${places.measureSettings}
StandardOutput=append:${places.logs}/measures.log
TimeoutStartSec=45s
Nice=5
`;
}

/** Without a random delay: all nodes begin together, so that one of them gets the lock for the whole minute. */
export function measureTimer(): string {
  return `# Written by Warden. A change made here is found and taken back: change the site configuration.
[Unit]
Description=Measures each minute

[Timer]
OnCalendar=minutely
AccuracySec=1s

[Install]
WantedBy=timers.target
`;
}
