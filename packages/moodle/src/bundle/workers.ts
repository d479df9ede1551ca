/** PHP-FPM's pools and PHP's own settings. The site's workers are a fixed number: memory is planned, not hoped for. */
import type { SiteConfiguration } from "../site/schema.ts";
import { inputs } from "./php-needs.ts";
import { places, platformOf } from "./places.ts";
import { formSize } from "./web-server.ts";

export function sitePool(site: SiteConfiguration): string {
  const { user, group, webServer } = platformOf(site);
  const seconds = Math.ceil(site.php.longestRequest / 1000);
  // FPM does not start when a request is slow only after its end.
  const slow = Math.min(10, seconds);
  return `; Written by Warden. A change made here is found and taken back: change the site configuration.
[moodle]
user = ${user}
group = ${group}
listen = ${places.sitePool}
listen.owner = ${webServer}
listen.group = ${group}
listen.mode = 0660
listen.backlog = 511
pm = static
pm.max_children = ${site.php.children}
pm.max_requests = 2000
pm.status_path = /warden/workers
pm.status_listen = ${places.sitePoolStatus}
request_terminate_timeout = ${seconds}s
request_slowlog_timeout = ${slow}s
slowlog = /var/log/php-fpm/moodle-slow.log
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

/** Its own workers, so that a site whose workers are all busy still says that it is there. */
export function readinessPool(site: SiteConfiguration): string {
  const { user, group, webServer } = platformOf(site);
  return `; Written by Warden. A change made here is found and taken back.
[warden-ready]
user = ${user}
group = ${group}
listen = ${places.readinessPool}
listen.owner = ${webServer}
listen.group = ${group}
listen.mode = 0660
pm = static
pm.max_children = 2
request_terminate_timeout = 8s
php_admin_value[memory_limit] = 32M
`;
}

/** For FPM and the command line alike; what OPcache needs can only be set here, not in a pool. */
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
; A stack trace in a log would hold passwords and tokens.
zend.exception_ignore_args = On
expose_php = Off
`;
}
