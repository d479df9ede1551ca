/** Where things are on a node: the same on every platform, but for what the distribution decides. */
import type { SiteConfiguration } from "../site/schema.ts";

export const places = {
  /** The root of Moodle's code: a link to the release that is in use. */
  code: "/srv/moodle/current",
  /** Written on the node by its own role, in PHP's own words: see `secrets.ts`. */
  secrets: "/etc/warden/secrets.php",
  /** Of the authorities that the system trusts, each in a file of its own (`node/lib/authorities.php`). */
  authorities: "/etc/warden/authorities",
  /** One of them, for who has to be given a file. */
  anyAuthority: "/etc/warden/authorities/any.pem",
  localCache: "/var/cache/moodle/localcache",
  /** The first tier of caches that may differ from node to node. */
  localStore: "/var/cache/moodle/muc",
  /** Moodle writes it, so it is the web user's; `altcacheconfigpath` that cannot be written is ignored without a word. */
  cacheConfiguration: "/var/lib/moodle/muc/config.php",
  /** Of its processes that want to write that file. */
  cacheLocks: "/var/cache/moodle/locks",
  cronPlace: "/opt/warden/cron-place.php",
  /** What `ready.php`, `measure.php` and `probe.php` have in common. */
  library: "/opt/warden/lib.php",
  measure: "/opt/warden/measure.php",
  measureSettings: "/opt/warden/measure-settings.php",
  probe: "/opt/warden/probe.php",
  probeMoodle: "/opt/warden/probe-moodle.php",
  probeSettings: "/opt/warden/probe-settings.php",
  inventory: "/opt/warden/inventory.sh",
  /** Run by the readiness check's workers, which share OPcache with the site's. */
  opcache: "/opt/warden/ready/opcache.php",
  /** Logs of Moodle's and Warden's own, for Amazon's CloudWatch agent to ship. */
  logs: "/var/log/warden",
  readiness: "/opt/warden/ready/ready.php",
  readinessSettings: "/opt/warden/ready/settings.php",
  /** There while the node drains. */
  draining: "/run/warden/draining",
  /** Says for which release and bundle this node was last verified. */
  verified: "/run/warden/verified.json",
  /** Says which release and bundle are on this node's disk. */
  installed: "/opt/warden/installed.json",
  /** Files of each PHP-FPM, in a directory of its name: see `workers.ts`. */
  fpm: "/etc/warden/php",
  fpmSockets: "/run/warden/php",
} as const;

export interface Platform {
  /** Who runs PHP. */
  readonly user: string;
  readonly group: string;
  /** Who runs nginx; a member of PHP's group, or it could not send the files of moodledata. */
  readonly webServer: string;
  /** The certificates that the system trusts, all in one file. */
  readonly trusted: string;
  readonly nginxSites: string;
  /** The directory of PHP's own settings for the command line. */
  readonly phpSettings: string;
  readonly php: string;
  readonly fpm: string;
  /** The distribution's own unit for FPM, in the place of which Warden runs its own. */
  readonly fpmUnit: string;
}

export function platformOf({ nodes, php }: SiteConfiguration): Platform {
  switch (nodes.platform) {
    case "amazon-linux-2023":
      return {
        user: "apache",
        group: "apache",
        webServer: "nginx",
        trusted: "/etc/pki/tls/certs/ca-bundle.crt",
        nginxSites: "/etc/nginx/conf.d",
        phpSettings: "/etc/php.d",
        php: "/usr/bin/php",
        fpm: "/usr/sbin/php-fpm",
        fpmUnit: "php-fpm.service",
      };
    case "debian":
      return {
        user: "www-data",
        group: "www-data",
        webServer: "www-data",
        trusted: "/etc/ssl/certs/ca-certificates.crt",
        nginxSites: "/etc/nginx/conf.d",
        phpSettings: `/etc/php/${php.version}/cli/conf.d`,
        php: `/usr/bin/php${php.version}`,
        fpm: `/usr/sbin/php-fpm${php.version}`,
        fpmUnit: `php${php.version}-fpm.service`,
      };
  }
}
