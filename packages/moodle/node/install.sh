#!/bin/sh
# Puts what Warden runs on a node in its place, /opt/warden: for an image, or for user data. Run again it brings the same
# end. What it needs: bash, curl 7.84, diffutils, hostname, PHP's command line and FPM, util-linux, procps, systemd; on AWS
# amazon-efs-utils and the SSM agent.
# /etc/warden/node.conf is the image's or user data's own: SITE, GROUP, REGION, BUCKET, LAUNCH_HOOK, URGENT_QUEUE_URL and
# LAST_GOOD (a parameter's name), one NAME=VALUE a line.
set -eu

from=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
install -d -m 755 /opt/warden /opt/warden/bin /opt/warden/lib /etc/warden
install -d -m 711 /var/lib/warden
install -m 755 "$from/warden-node" /opt/warden/bin/warden-node
install -m 755 "$from/watcher" /opt/warden/bin/warden-watcher
install -m 644 "$from"/lib/* /opt/warden/lib/
install -m 644 "$from/cache-drift.php" /opt/warden/cache-drift.php
for unit in warden-watcher.service warden-retire.service; do
  install -m 644 "$from/$unit" "/etc/systemd/system/$unit"
  systemctl enable --quiet "$unit"
done
