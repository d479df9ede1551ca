/** nginx for Moodle behind a load balancer: TLS ended there, and its health checks come by address, with any Host. */
import { releases } from "../site/releases.ts";
import type { SiteConfiguration } from "../site/schema.ts";
import { places } from "./places.ts";

export function nginxSite(site: SiteConfiguration): string {
  const { php, loadBalancer, files, release } = site;
  const { documentRoot } = releases[release];
  const root = documentRoot === "" ? places.code : `${places.code}/${documentRoot}`;
  const seconds = Math.ceil(php.longestRequest / 1000);
  return `# Written by Warden. A change made here is found and taken back: change the site configuration.
log_format warden escape=json '{"at":"$time_iso8601","client":"$http_x_forwarded_for","request":"$request_method $uri",'
  '"status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,"upstream":"$upstream_response_time"}';

server {
  listen 80 default_server;
  listen [::]:80 default_server;
  server_name _;
  root ${root};
  index index.php;
  server_tokens off;
  access_log /var/log/nginx/moodle.log warden;

  # Longer than the load balancer's own, which would otherwise reuse a connection that was just closed: 502.
  keepalive_timeout ${Math.ceil(loadBalancer.idleTimeout / 1000) + 5}s;
  client_max_body_size ${formSize(site)}m;
  client_body_timeout ${seconds}s;
  send_timeout ${seconds}s;

  location = /warden/ready {
    access_log off;
    include fastcgi_params;
    fastcgi_param SCRIPT_FILENAME ${places.readiness};
    fastcgi_read_timeout 10s;
    fastcgi_pass unix:${places.readinessPool};
  }
  location = /warden/workers {
    access_log off;
    allow 127.0.0.1;
    allow ::1;
    deny all;
    include fastcgi_params;
    fastcgi_param SCRIPT_NAME /warden/workers;
    fastcgi_param SCRIPT_FILENAME /warden/workers;
    fastcgi_pass unix:${places.sitePoolStatus};
  }
  location = /warden/requests {
    access_log off;
    allow 127.0.0.1;
    allow ::1;
    deny all;
    stub_status;
  }

  # Files that Moodle lets nginx send: the names are those of xsendfilealiases.
  location /dataroot/ {
    internal;
    alias ${files.directory}/;
  }
  location /localcachedir/ {
    internal;
    alias ${places.localCache}/;
  }

  # What the code brings along and nobody may read over the web.
  location ~ (/\\.|/vendor/|/node_modules/|/composer\\.(json|lock)$|/(README|readme|UPGRADING|upgrade|CHANGES)(\\.\\w+)?$|/db/.+\\.(xml|php)$|/tests?/|/fixtures/|/behat/|\\.(lock|dist|sh|xml\\.dist)$|/environment\\.xml$) {
    return 404;
  }
  # Moodle's own file for each node, and what only the command line may run.
  location ~ ^/(config|version)\\.php|^/admin/cli/ {
    return 404;
  }

  # With slash arguments: /pluginfile.php/12/mod_page/content/1/picture.png
  location ~ ^(?<script>.+?\\.php)(?<arguments>/.*)?$ {
    try_files $script =404;
    include fastcgi_params;
    # The release itself, not the link to it: after a switch its files are other files to OPcache.
    fastcgi_param SCRIPT_FILENAME $realpath_root$script;
    fastcgi_param DOCUMENT_ROOT $realpath_root;
    fastcgi_param SCRIPT_NAME $script;
    fastcgi_param PATH_INFO $arguments;
    fastcgi_param HTTPS on;
    fastcgi_read_timeout ${seconds}s;
    fastcgi_buffers 32 16k;
    fastcgi_buffer_size 32k;
    fastcgi_pass unix:${places.sitePool};
  }
  location / {
    try_files $uri $uri/ =404;
  }
}
`;
}

/** Mebibytes: the file, and the rest of the form around it. */
export const formSize = ({ php }: SiteConfiguration): number => php.upload + 8;
