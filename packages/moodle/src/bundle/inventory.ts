/** The node's facts for audits, in SSM Inventory: once a day, and whenever another release or configuration is there. */
import type { SiteConfiguration } from "../site/schema.ts";
import { phpLiteral } from "./php.ts";
import { places, platformOf } from "./places.ts";

export function probeSettings(site: SiteConfiguration): string {
  const settings = {
    code: places.code,
    nginx: `${platformOf(site).nginxSites}/moodle.conf`,
    files: site.files.directory,
    mounts: "/proc/self/mounts",
  };
  return `<?php\n// Written by Warden.\nreturn ${phpLiteral(settings)};\n`;
}

/** As root, for the SSM Agent's directory is root's; the probe itself runs as the user who runs PHP. */
export function inventoryService(site: SiteConfiguration): string {
  const { user, group, php } = platformOf(site);
  return `# Written by Warden. A change made here is found and taken back: change the site configuration.
[Unit]
Description=Facts of this node for SSM Inventory

[Service]
Type=oneshot
ExecStart=/bin/sh ${places.inventory} ${user}:${group} ${php} ${site.files.directory}
TimeoutStartSec=90s
Nice=5
`;
}

export function inventoryTimer(): string {
  return `# Written by Warden. A change made here is found and taken back: change the site configuration.
[Unit]
Description=Facts of this node each day

[Timer]
OnBootSec=10min
OnUnitActiveSec=1d
RandomizedDelaySec=10min
Unit=warden-inventory.service

[Install]
WantedBy=timers.target
`;
}

export function inventoryPath(): string {
  return `# Written by Warden. A change made here is found and taken back: change the site configuration.
[Unit]
Description=Facts of this node after a change of release or configuration

[Path]
PathChanged=${places.installed}
Unit=warden-inventory.service

[Install]
WantedBy=multi-user.target
`;
}
