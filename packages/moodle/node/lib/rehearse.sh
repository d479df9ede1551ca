# Warden-Rehearse: Moodle's upgrade to another release, on a copy of the database and with empty directories in the place of
# moodledata. What this node serves, and the site's own database, caches, sessions and files, are left alone (copy.php).

verb_rehearse() {
  make_work
  trouble=''
  local digest=${WARDEN_DIGEST:-} release=${WARDEN_RELEASE:-} site=$warden/measure-settings.php began took state
  installed_bundle || rehearsal_failed "this node has no configuration yet" || return 1
  { fetch_bundle "$digest" && know_platform "$bundle" && have_release "$release"; } || rehearsal_failed "$trouble" || return 1
  make_place "$release" || rehearsal_failed "a place of its own cannot be made: $trouble" || return 1
  php_says "$lib/rehearsal.php" claim "$site" "$place" || rehearsal_failed "$trouble" || return 1
  moodle 60 site "$place/code" >"$work/site" 2>"$work/said" ||
    rehearsal_failed "Moodle does not start on the copy: $(how_it_ended $? "$work/said" "$work/site")" || return 1
  [ "$(cat "$work/site")" = upgrade-pending ] ||
    rehearsal_failed "to Moodle the copy is $(cat "$work/site"), and not waiting for an upgrade to $release" || return 1
  note "rehearses the upgrade to $release on ${WARDEN_COPY:-}"
  began=$EPOCHREALTIME
  as_php 21300 "$php_program" "$lib/schema.php" "$place/code" "$place/settings.php" 0 upgrade >"$work/schema" 2>&1
  took=$(milliseconds_since "$began")
  state=$(tail -n 1 "$work/schema")
  [ "$state" = installed ] || rehearsal_failed "after $((took / 1000)) s $(words_of_moodle "$state")" || return 1
  note "rehearsed the upgrade to $release in $((took / 1000)) s"
  say ok:=true took:="$((took / 1000)).$(printf '%03d' $((took % 1000)))"
}

rehearsal_failed() {
  note "rehearsal: $1"
  say ok:=false message="$1"
  return 1
}

# make_place RELEASE: `place`, with the code in it, which takes no room: links to the same files, but for config.php. Beside
# the releases, as links lead to no other file system. Gone with this run; of one that was killed, with a later one.
make_place() {
  local beside=${releases%/*}
  find "$beside" -maxdepth 1 -name 'rehearsal.*' -mmin +1440 -exec rm -rf {} +
  place=$(mktemp -d "$beside/rehearsal.XXXXXX") || return 1
  trap 'rm -rf "$work" "$place"' EXIT
  { cp -al "$releases/$1" "$place/code" && chmod 755 "$place" && printf '%s\n' "${WARDEN_COPY:-}" >"$place/copy" &&
    chmod 644 "$place/copy" && install -d -m 700 -o "$php_user" -g "$php_group" "$place/data" "$place/local"; } || return 1
  php "$lib/rehearsal.php" prepare "$bundle" "$place" >"$work/said" 2>&1 || {
    trouble=$(tail -n 1 "$work/said" | cut -c 1-300)
    return 1
  }
}

# php_says PROGRAM ARGUMENT…: as PHP's user; the reason in `trouble` where it fails.
php_says() {
  as_php 60 "$php_program" "$@" >"$work/said" 2>&1 && return 0
  trouble=$(how_it_ended $? "$work/said")
  return 1
}
