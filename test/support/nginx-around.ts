/** The nginx around a site, whose own file is `site.conf` in the same folder. */

/** As Debian's own, without what is of no matter here. */
export const nginxAround = (folder: string): string => `user www-data;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/log/nginx/error.log;
events {
  worker_connections 256;
}
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  sendfile on;
  tcp_nopush on;
  access_log off;
  client_body_temp_path ${folder}/body/client;
  proxy_temp_path ${folder}/body/proxy;
  fastcgi_temp_path ${folder}/body/fastcgi;
  uwsgi_temp_path ${folder}/body/uwsgi;
  scgi_temp_path ${folder}/body/scgi;
  include ${folder}/site.conf;
}
`;
