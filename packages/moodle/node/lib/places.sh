# Where things are on a node, and what the node belongs to. Names that the bundle's files use, too, are those of
# src/bundle/places.ts.

warden=/opt/warden
lib=$warden/lib
# Which release and bundle are on this disk.
installed=$warden/installed.json

state=/var/lib/warden
batches=$state/batches
bundles=$state/bundles
# The release and the bundle that a push came from, while it is not sure that it stays.
returns_to=$state/returns-to

run=/run/warden
draining=$run/draining
# For which release and bundle this node was last verified.
verified=$run/verified.json
# The workers that nginx had when it was last told to take new files.
nginx_before=$run/nginx-before
# There as soon as the first command came since the machine started.
command_stamp=$run/command

# For Amazon's agent, which reads files and not the journal.
own_log=/var/log/warden/warden.log

releases=/srv/moodle/releases
current=/srv/moodle/current
# The release that was in use before it.
before_current=/srv/moodle/before
secrets=/etc/warden/secrets.php
# The version of each, by its name. Root's alone.
secret_versions=/etc/warden/secret-versions.json
# Whom this node trusts.
authorities=/etc/warden/authorities
fpm_files=/etc/warden/php
fpm_sockets=$run/php
node_conf=/etc/warden/node.conf

# setting NAME: one line NAME=VALUE of node.conf. It is read, never run.
setting() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    if [[ $line == "$1="* ]]; then
      printf '%s' "${line#*=}"
      return 0
    fi
  done <"$node_conf"
  note "$node_conf has no $1"
  return 1
}

# The release that the web server is sent to; nothing before the first bootstrap.
release_in_use() { basename "$(readlink "$current")"; }

# What is on this disk; `none` before the first bootstrap.
installed_release() { get_or_none "$installed" release; }
installed_digest() { get_or_none "$installed" digest; }

get_or_none() {
  local value
  value=$(get "$1" "$2" 2>/dev/null)
  printf '%s' "${value:-none}"
}
