/**
 * PHP-FPM: its pools, PHP's own settings, and the unit that runs them. An FPM that runs takes up neither without holding
 * requests up, so each is named by what it is made of: with other settings it is another one, which starts beside the one
 * that serves, with files and sockets of its own, and nginx goes over to it. The site's workers are a fixed number: memory is
 * planned, not hoped for, and after the switch no request waits until there are enough of them.
 */
import { createHash } from "node:crypto";
import type { SiteConfiguration } from "../site/schema.ts";
import { inputs } from "./php-needs.ts";
import { places, platformOf } from "./places.ts";

/** The same for the same settings. */
export const fpmName = (site: SiteConfiguration): string =>
  shortDigest(JSON.stringify([fpmSettings(site), phpSettings(), fpmService(site)]));

export const shortDigest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

export function fpmSockets(site: SiteConfiguration) {
  const at = (socket: string): string => `${places.fpmSockets}/${fpmName(site)}/${socket}`;
  return { moodle: at(sockets.moodle), status: at(sockets.status), ready: at(sockets.ready) };
}

/** In the directory that FPM is started with. */
const sockets = {
  moodle: "moodle.sock",
  /** Answered by FPM itself, so also when every worker is busy. */
  status: "moodle-status.sock",
  ready: "warden-ready.sock",
};

export function fpmSettings(site: SiteConfiguration): string {
  return `; Written by Warden. A change made here is found and taken back: change the site configuration.
[global]
error_log = ${places.logs}/php-fpm.log
${sitePool(site)}${readinessPool(site)}`;
}

/** A template of a unit: its instances are FPMs by their names. Two of them run while nginx goes over from one to the other. */
export function fpmService(site: SiteConfiguration): string {
  return `# Written by Warden. A change made here is found and taken back: change the site configuration.
[Unit]
Description=PHP-FPM of Moodle, %i
After=network.target
# It never starts by itself: whoever starts it, however often, has a reason.
StartLimitIntervalSec=0

[Service]
Type=notify
# What stands there comes after the distribution's own.
Environment=PHP_INI_SCAN_DIR=:${places.fpm}/%i
RuntimeDirectory=warden/php/%i
ExecStart=${platformOf(site).fpm} --nodaemonize --prefix ${places.fpmSockets}/%i --fpm-config ${places.fpm}/%i/fpm.conf

[Install]
WantedBy=multi-user.target
`;
}

function sitePool(site: SiteConfiguration): string {
  const { user, group, webServer } = platformOf(site);
  const seconds = Math.ceil(site.php.longestRequest / 1000);
  // FPM does not start when a request is slow only after its end.
  const slow = Math.min(10, seconds);
  return `
[moodle]
user = ${user}
group = ${group}
listen = ${sockets.moodle}
listen.owner = ${webServer}
listen.group = ${group}
listen.mode = 0660
listen.backlog = 511
pm = static
pm.max_children = ${site.php.children}
pm.max_requests = 2000
pm.status_path = /warden/workers
pm.status_listen = ${sockets.status}
request_terminate_timeout = ${seconds}s
request_slowlog_timeout = ${slow}s
slowlog = ${places.logs}/php-slow.log
catch_workers_output = yes
; Otherwise PHP's messages go to nginx's log, each with the whole request and its tokens.
php_admin_value[error_log] = ${places.logs}/php.log
php_admin_flag[log_errors] = on
php_admin_value[memory_limit] = ${site.php.memory}M
php_admin_value[max_execution_time] = ${seconds}
php_admin_value[upload_max_filesize] = ${site.php.upload}M
php_admin_value[post_max_size] = ${formSize(site)}M
`;
}

/**
 * Its own workers, so that a site whose workers are all busy still says that it is there. In the same FPM: they tell of its
 * OPcache, and take files out of it.
 */
function readinessPool(site: SiteConfiguration): string {
  const { user, group, webServer } = platformOf(site);
  return `
[warden-ready]
user = ${user}
group = ${group}
listen = ${sockets.ready}
listen.owner = ${webServer}
listen.group = ${group}
listen.mode = 0660
pm = static
pm.max_children = 2
request_terminate_timeout = 8s
php_admin_value[memory_limit] = 32M
`;
}

/** For FPM and the command line, each in a file of its own; what OPcache needs can only be set here, not in a pool. */
export function phpSettings(): string {
  return `; Written by Warden. A change made here is found and taken back.
; Moodle refuses to install with fewer (environment.xml).
max_input_vars = ${inputs}
opcache.enable = 1
; A release of 2026 has more than 15,000 files.
opcache.memory_consumption = 256
opcache.interned_strings_buffer = 16
opcache.max_accelerated_files = 20000
; Moodle writes its cache configuration by itself, so times have to be looked at.
opcache.validate_timestamps = 1
opcache.revalidate_freq = 60
opcache.use_cwd = 1
opcache.save_comments = 1
opcache.enable_file_override = 0
session.gc_probability = 0
; Where OpenSSL looks for the one authority that it needs; of a file it would read all of them, for each connection.
openssl.capath = ${places.authorities}
; A stack trace in a log would hold passwords and tokens.
zend.exception_ignore_args = On
expose_php = Off
`;
}

/** Mebibytes: the file, and the rest of the form around it. */
export const formSize = ({ php }: SiteConfiguration): number => php.upload + 8;
