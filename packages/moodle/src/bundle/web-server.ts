/** nginx for Moodle behind a load balancer: TLS ended there, and its health checks come by address, with any Host. */
import { releases } from "../site/releases.ts";
import type { SiteConfiguration } from "../site/schema.ts";
import { places } from "./places.ts";
import { formSize, fpmName, fpmSockets, shortDigest } from "./workers.ts";

export const nginxSite = (site: SiteConfiguration): string => textOf(site, nginxRuns(site));

/** What nginx says that it runs with, for a reload takes a while: a name of its own file, and the FPM that it asks. */
export const nginxRuns = (site: SiteConfiguration): string => `${shortDigest(textOf(site, ""))} ${fpmName(site)}`;

function textOf(site: SiteConfiguration, runs: string): string {
  const { php, loadBalancer, files, release } = site;
  const { documentRoot } = releases[release];
  const root = documentRoot === "" ? places.code : `${places.code}/${documentRoot}`;
  const seconds = Math.ceil(php.longestRequest / 1000);
  const fpm = fpmSockets(site);
  return `# Written by Warden. A change made here is found and taken back: change the site configuration.
# What was asked for, without the query: it may hold tokens. Two of Moodle's scripts take theirs as a part of the path.
map $request_uri $asked_path {
  ~^(?<before_token>[^?]*?/(tokenpluginfile\\.php|rss/file\\.php/+[^/?]*))/ $before_token/-;
  ~^(?<path>[^?]*) $path;
}
log_format warden escape=json '{"at":"$time_iso8601","client":"$http_x_forwarded_for","request":"$request_method $asked_path",'
  '"status":$status,"bytes":$body_bytes_sent,"seconds":$request_time,"upstream":"$upstream_response_time"}';

upstream php {
  server unix:${fpm.moodle};
}
upstream php-status {
  server unix:${fpm.status};
}
upstream php-ready {
  server unix:${fpm.ready};
}

server {
  listen 80 default_server;
  listen [::]:80 default_server;
  server_name _;
  root ${root};
  index index.php;
  server_tokens off;
  # TLS ended at the load balancer: what we are called by is not what the client called.
  absolute_redirect off;
  access_log /var/log/nginx/moodle.log warden;

  # Longer than the load balancer's own, which would otherwise reuse a connection that was just closed: 502.
  keepalive_timeout ${Math.ceil(loadBalancer.idleTimeout / 1000) + 5}s;
  client_max_body_size ${formSize(site)}m;
  client_body_timeout ${seconds}s;
  send_timeout ${seconds}s;

  location = /warden/ready {
    access_log off;
    # The load balancer's own checks carry no such header, whatever it passes on does: visitors need not know.
    if ($http_x_forwarded_for) {
      return 404;
    }
    include fastcgi_params;
    fastcgi_param SCRIPT_FILENAME ${places.readiness};
    fastcgi_read_timeout 10s;
    fastcgi_pass php-ready;
  }
  location = /warden/workers {
    access_log off;
    allow 127.0.0.1;
    allow ::1;
    deny all;
    include fastcgi_params;
    fastcgi_param SCRIPT_NAME /warden/workers;
    fastcgi_param SCRIPT_FILENAME /warden/workers;
    fastcgi_pass php-status;
  }
  location = /warden/opcache {
    access_log off;
    allow 127.0.0.1;
    allow ::1;
    deny all;
    include fastcgi_params;
    fastcgi_param SCRIPT_FILENAME ${places.opcache};
    fastcgi_pass php-ready;
  }
  location = /warden/requests {
    access_log off;
    allow 127.0.0.1;
    allow ::1;
    deny all;
    stub_status;
    add_header Warden-Runs "${runs}";
  }

  # Files that Moodle lets nginx send: the names are those of xsendfilealiases. Before all patterns below, which are
  # about code: a file of a user may be called script.php.
  location ^~ /dataroot/ {
    internal;
    alias ${files.directory}/;
  }
  location ^~ /localcachedir/ {
    internal;
    alias ${places.localCache}/;
  }

  # What the code brings along and nobody may read over the web: by its directory, and by its own name.
  location ~ ${beforeArguments}/(\\.|(vendor|node_modules|tests?|fixtures|behat)/) {
    return 404;
  }
  location ~ ${beforeArguments}(/composer\\.(json|lock)|/(README|readme|UPGRADING|upgrade|CHANGES)(\\.\\w+)?|/db/.+\\.(xml|php)|\\.(lock|dist|sh)|/environment\\.xml)${nameEnds} {
    return 404;
  }
  # Moodle's own file for each node, and what only the command line may run.
  location ~ ^/(config|config-dist|version)\\.php|^/admin/cli/ {
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
    fastcgi_pass php;
  }
  location / {
    try_files $uri $uri/ =404;
  }
}
`;
}

/** Stays before slash arguments: they name users' files, and one may be called README.md. */
const beforeArguments = "^(?:(?!\\.php/).)*";

/** Slash arguments do not hide the script before them: /mod/quiz/db/access.php/x runs access.php. */
const nameEnds = "(?:$|(?<=\\.php)/)";
