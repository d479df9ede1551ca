/**
 * Directories that the other files count on, for systemd-tmpfiles: PHP-FPM does not even start without that of its slow
 * log.
 */
import type { SiteConfiguration } from "../site/schema.ts";
import { places, platformOf } from "./places.ts";

export function directories(site: SiteConfiguration): string {
  const { user, group } = platformOf(site);
  return `# Written by Warden. A change made here is found and taken back.
d /run/warden 0755 root root -
d ${places.logs} 0755 root root -
f ${places.logs}/php.log 0640 ${user} ${group} -
d /var/cache/moodle 0750 ${user} ${group} -
d ${places.cacheLocks} 0750 ${user} ${group} -
d /var/cache/moodle/localcache 0750 ${user} ${group} -
d /var/cache/moodle/muc 0750 ${user} ${group} -
d /var/lib/moodle 0750 ${user} ${group} -
d /var/lib/moodle/muc 0750 ${user} ${group} -
`;
}
