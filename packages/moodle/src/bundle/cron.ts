/**
 * Moodle's cron as systemd units. A drain stops the timers and ends each process with one SIGTERM: Moodle then finishes
 * its task and goes; a second one would end it at once (`\core\local\cli\shutdown`).
 */
import type { SiteConfiguration } from "../site/schema.ts";
import { places, platformOf } from "./places.ts";

export function cronService(site: SiteConfiguration): string {
  const { user, group, php } = platformOf(site);
  const { nodes, processes } = site.cron;
  const command =
    nodes === "every"
      ? `${php} ${places.code}/admin/cli/cron.php`
      : `${php} ${places.cronPlace} ${places.code} ${nodes * processes}`;
  return `# Written by Warden. A change made here is found and taken back: change the site configuration.
[Unit]
Description=Moodle cron, process %i
ConditionPathExists=!${places.draining}

[Service]
Type=exec
User=${user}
Group=${group}
ExecStart=${command}
SuccessExitStatus=1
KillSignal=SIGTERM
SendSIGKILL=no
TimeoutStopSec=infinity
SyslogIdentifier=moodle-cron
StandardOutput=append:${places.logs}/cron.log
`;
}

export function cronTimer(): string {
  return `# Written by Warden. A change made here is found and taken back: change the site configuration.
[Unit]
Description=Moodle cron each minute, process %i

[Timer]
OnCalendar=minutely
AccuracySec=1s
RandomizedDelaySec=10s

[Install]
WantedBy=timers.target
`;
}

/** @returns the timers that run on a node of this group once it is in service */
export function cronTimers({ site, cron, production, allow }: SiteConfiguration, group: string): readonly string[] {
  const here = group === (cron.group ?? site);
  const may = production || allow.some(({ what }) => what === "cron");
  if (!here || !may) return [];
  return Array.from({ length: cron.processes }, (_, index) => `warden-cron@${index + 1}.timer`);
}
