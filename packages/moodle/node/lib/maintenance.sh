# Warden-Maintenance: closes the whole site, or opens it. Every node in service is asked: each has cron of its own, and only
# this one can tell what still goes on here. Asked again it does nothing more, and tells again.

verb_maintenance() {
  make_work
  trouble='' part=''
  local wanted=${WARDEN_MAINTENANCE:-open}
  # A push would start the timers again.
  alone 10 || maintenance_failed "other work on this node goes on" || return 1
  installed_bundle || maintenance_failed "this node has no configuration yet" || return 1
  if [ "$wanted" = maintenance ]; then
    close_site && stop_cron
  else
    open_site && start_cron "$bundle"
  fi || maintenance_failed "$trouble" || return 1
  moodle 15 tasks >"$work/tasks" 2>/dev/null || maintenance_failed "Moodle cannot be asked which tasks run here" || return 1
  look_at_requests >"$work/oldest" || maintenance_failed "PHP-FPM does not say what it is at work on" || return 1
  local closed=false
  ! is_closed || closed=true
  note "maintenance: $wanted"
  say ok:=true maintenance:="$closed" tasks@="$work/tasks" oldest:="$(cat "$work/oldest")"
}

maintenance_failed() {
  note "maintenance: $1"
  say ok:=false message="$1"
  return 1
}

close_site() { is_closed || ask_for_maintenance --enable; }

open_site() { ask_for_maintenance --disable; }

# By Moodle's own program: the notice is in the site's language, with what the site has to say.
ask_for_maintenance() {
  as_php 15 "$php_program" "$lib/maintenance.php" "$current" "$1" >"$work/said" 2>&1 && return 0
  trouble="Moodle's maintenance.php $1 failed: $(tail -n 2 "$work/said" | redacted | tr '\n' ' ' | cut -c 1-300)"
  return 1
}

# As PHP of this node sees it: other nodes may see it a moment earlier or later.
is_closed() { as_php 5 test -e "$moodledata/climaintenance.html"; }

# Seconds since the oldest request began that PHP is at work on, in whichever FPM: the asking one is none of them.
look_at_requests() {
  local each files=()
  for each in $(running_php); do
    files+=("$work/requests-$each")
    ask_php "$each" moodle-status.sock /warden/workers SCRIPT_NAME=/warden/workers 'QUERY_STRING=json&full' \
      >"$work/requests-$each" 2>/dev/null || return 1
  done
  [ "${#files[@]}" -gt 0 ] && php "$lib/oldest-request.php" "${files[@]}"
}
