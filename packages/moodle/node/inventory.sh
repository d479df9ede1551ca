#!/bin/sh
# Writes what the probe says to where the SSM Agent looks for inventory of one's own: every .json file in its directory for
# this instance (Systems Manager guide, "Working with custom inventory"). As root, which that directory belongs to.
#
#     inventory.sh apache:apache /usr/bin/php /srv/moodledata
set -eu
owner=$1 php=$2 files=$3
agent=/var/lib/amazon/ssm

as_php() {
  setpriv --reuid "${owner%:*}" --regid "${owner#*:}" --init-groups -- "$@"
}

# The directory below the mount can only be seen without the mount: in a name space of mounts that ends with this line.
bare() {
  # shellcheck disable=SC2016
  unshare --mount sh -euc '
    while grep -q " $3 " /proc/self/mounts; do umount --lazy --no-canonicalize "$3"; done
    if setpriv --reuid "$1" --regid "$2" --init-groups -- test -w "$3"; then echo writable; else echo unwritable; fi
  ' sh "${owner%:*}" "${owner#*:}" "$files" 2>/dev/null || echo unknown
}

for instance in "$agent"/i-* "$agent"/mi-*; do
  [ -d "$instance" ] || continue
  directory=$instance/inventory/custom
  mkdir -p "$directory"
  # Under another name until it is whole: the agent reads whatever ends in .json.
  new=$directory/moodle.json.new
  as_php "$php" /opt/warden/probe.php /opt/warden/probe-settings.php "$(bare)" >"$new"
  chmod 0644 "$new"
  mv "$new" "$directory/moodle.json"
  exit 0
done
echo "the SSM Agent has no directory for this instance in $agent" >&2
exit 1
