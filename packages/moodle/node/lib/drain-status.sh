# Warden-DrainStatus: what still keeps this node busy, as nginx, PHP-FPM and Moodle's own table of tasks say. When one of them
# cannot be asked there is no answer: a node that is not known to be idle is not called so.

verb_drain_status() {
  make_work
  local reading writing active=0 fpms each workers
  installed_bundle || return 1
  ask_locally /warden/requests "$work/requests" || return 1
  reading=$(sed -nE 's/^Reading: ([0-9]+) .*/\1/p' "$work/requests")
  writing=$(sed -nE 's/.* Writing: ([0-9]+) .*/\1/p' "$work/requests")
  # While nginx goes over from one FPM to another there are requests in both.
  fpms=$(running_php)
  for each in ${fpms:-none}; do
    workers=$(workers_of_php "$each") || {
      note "PHP-FPM $each does not answer"
      return 1
    }
    active=$((active + workers))
  done
  moodle 15 tasks >"$work/tasks" 2>/dev/null || {
    note "Moodle cannot be asked which tasks run here"
    return 1
  }
  say reading:="$reading" writing:="$writing" active:="$active" tasks@="$work/tasks"
}

ask_locally() {
  curl --silent --fail --max-time 5 "http://127.0.0.1$1" >"$2" && return 0
  note "the local web server does not answer at $1"
  return 1
}
