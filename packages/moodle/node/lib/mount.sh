# Moodledata: one shared file system for all nodes, mounted where the bundle's manifest says.

# mount_moodledata BUNDLE: sets `trouble`, and `part` when it is the file system that does not answer.
mount_moodledata() {
  local facts source type options status
  mapfile -t facts < <(get "$1/manifest.json" moodledata.efs moodledata.accessPoint moodledata.nfs moodledata.export)
  if [ -n "${facts[0]}" ]; then
    # amazon-efs-utils mounts NFS 4.1, hard; without noresvport a connection that was lost may not come back.
    type=efs source=${facts[0]}:/ options=_netdev,noresvport,tls${facts[1]:+,accesspoint=${facts[1]}}
  else
    type=nfs4 source=${facts[2]}:${facts[3]} options=_netdev,noresvport,nfsvers=4.1,hard,timeo=600,retrans=2
  fi
  if ! is_mounted "$moodledata"; then
    close_below "$moodledata"
    remember_mount "$source $moodledata $type $options 0 0"
    bounded 60 mount -t "$type" -o "$options" "$source" "$moodledata" >"$work/said" 2>&1
    status=$?
    if [ "$status" -ne 0 ]; then
      trouble="mount of $source: $(tail -n 2 "$work/said" | tr '\n' ' ' | cut -c 1-300)"
      [ "$status" -eq 124 ] && part=files trouble="the file system does not answer"
      return 1
    fi
  fi
  bounded 10 stat --file-system "$moodledata" >/dev/null 2>&1 || {
    part=files trouble="the file system does not answer"
    return 1
  }
}

# Asked of the kernel's table, for `mountpoint` asks the directory, which may hang.
is_mounted() { grep -qF " $1 " /proc/self/mounts; }

# use_moodledata: sets `trouble` to what the web user cannot do in moodledata, `WORDS`, or when this node alone is to blame
# `own WORDS`. All nodes see one directory with the same owners, modes, quota and space: where writing is refused, it is refused
# to all, and ending this node would help nobody. A mount that is read-only here is this node's own. Each step has a time-out
# of its own, and the file is this node's: what a run that hung left behind, the next one uses.
use_moodledata() {
  local file
  file=$moodledata/.warden-$(uname -n)
  if awk -v directory="$moodledata" '$2 == directory { options = $4 } END { exit options !~ /^ro(,|$)/ }' /proc/self/mounts; then
    trouble="own moodledata is mounted read-only"
    return 1
  fi
  use_file create cp -T "$installed" "$file" && use_file rename mv -fT "$file" "$file.new" &&
    use_file read cmp "$installed" "$file.new" && use_file delete rm "$file.new"
}

use_file() {
  local step=$1 status
  shift
  as_php 4 "$@" >"$work/said" 2>&1
  status=$?
  [ "$status" -eq 0 ] && return 0
  trouble="the web user cannot $step a file: $(tail -n 1 "$work/said" | sed 's/.*: //' | cut -c 1-100)"
  [ "$status" -eq 124 ] && trouble="the file system does not answer: $step"
  return 1
}

# Without its mount nobody may write below it: Moodle would start on an empty moodledata of this node's own.
close_below() {
  mkdir -p "$1"
  chattr -i "$1" 2>/dev/null
  chown root:root "$1" && chmod 000 "$1"
  chattr +i "$1" 2>/dev/null || note "$1 cannot be made immutable here: root alone can write below the mount"
}

# One line of fstab for this directory, and no other.
remember_mount() {
  touch /etc/fstab
  { awk -v directory="$moodledata" '$2 != directory' /etc/fstab && printf '%s\n' "$1"; } >/etc/fstab.warden &&
    chmod 644 /etc/fstab.warden && mv -f /etc/fstab.warden /etc/fstab
}
