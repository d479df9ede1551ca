# nginx and cron, and all that goes with them. What already runs goes on: nothing here stops a node that serves.

# start_services BUNDLE: sets `trouble` when something does not come up.
start_services() {
  systemd-tmpfiles --create /etc/tmpfiles.d/warden.conf 2>/dev/null
  systemctl daemon-reload
  let_nginx_send "$web_server" "$php_group"
  start_php "$1" "$current" && forget_php && start_nginx && start_cron "$1" && start_units "$1" || return 1
  # The distribution's own FPM has nothing to do; nginx of Amazon Linux would start it.
  serves || systemctl mask --now --quiet "$(get "$1/manifest.json" platform.fpmUnit)"
  return 0
}

# On Amazon Linux nginx is another user than PHP, and sends files of moodledata.
let_nginx_send() {
  id -nG "$1" | tr ' ' '\n' | grep -qx "$2" || usermod --append --groups "$2" "$1"
}

# fits BUNDLE BUNDLE: whether a node that serves with the one may take up the other; else sets `trouble`.
fits() {
  local parts
  { parts=$(php "$lib/bundle.php" between "$1" "$2") && [ -z "$parts" ]; } || {
    trouble="another ${parts:-platform} is for other nodes: replace them in waves"
    return 1
  }
  room_for_php
}

# Whether this node may have requests: they must not be cut.
serves() { [ -e "$verified" ] && [ ! -e "$draining" ]; }

# With the files that are on the disk now. Requests that came before the switch its workers of before bring to their end.
start_nginx() {
  # Debian's own site would answer in the place of ours.
  rm -f /etc/nginx/sites-enabled/default
  bounded 20 nginx -t -q >"$work/said" 2>&1 || {
    trouble="nginx refuses its files: $(tail -n 2 "$work/said" | tr '\n' ' ' | cut -c 1-300)"
    return 1
  }
  nginx_workers >"$nginx_before"
  if systemctl is-active --quiet nginx.service; then systemctl reload nginx.service; else started nginx.service; fi || return 1
  local try
  for try in {1..100}; do
    nginx_runs_this && return 0
    sleep 0.1
  done
  trouble="nginx goes on with other files after $try tries: $(journalctl --unit nginx --lines 1 --output cat | cut -c 1-200)"
  return 1
}

# Whether nginx runs with the file of `bundle`: on the disk it may be another one than in nginx.
nginx_runs_this() { [ "$(nginx_runs)" = "$(get "$bundle/manifest.json" nginxRuns)" ]; }

nginx_runs() {
  curl --silent --fail --max-time 2 --output /dev/null --write-out '%header{warden-runs}' http://127.0.0.1/warden/requests
}

# Process ids of all of nginx's workers, also of those that only bring to an end what they have.
nginx_workers() { pgrep --parent "$(systemctl show --value --property MainPID nginx.service)"; }

# The name of the FPM that nginx sends requests to.
asked_by_nginx() { nginx_runs | cut -d ' ' -f 2; }

# The timers of this bundle, and no others. None on a node that leaves, or while the site is closed.
start_cron() {
  local wanted timer
  wanted=$(get "$1/manifest.json" timers)
  for timer in $(systemctl list-units --all --plain --no-legend 'warden-cron@*.timer' | cut -d ' ' -f 1); do
    [[ " $wanted " == *" $timer "* ]] || systemctl disable --now --quiet "$timer"
  done
  if [ -e "$draining" ] || [ "${WARDEN_MAINTENANCE:-open}" = maintenance ]; then return 0; fi
  all_started "$wanted"
}

# Moodle's cron ends its task at the first SIGTERM, and in the middle of it at the second. systemd sends one when it begins to
# stop a unit, and none to a unit that is stopping already. It may take as long as the task: this does not wait.
stop_cron() {
  systemctl stop 'warden-cron@*.timer' 2>/dev/null
  systemctl stop --no-block 'warden-cron@*.service' 2>/dev/null
  return 0
}

# What runs for as long as the node does: measures, and facts for audits.
start_units() { all_started "$(get "$1/manifest.json" units)"; }

# all_started "UNIT …": in one step, as systemd reads all that it knows anew each time something is enabled.
all_started() {
  local units
  read -ra units <<<"$1"
  started "${units[@]}"
}

# started UNIT…: they run now, and will after a restart; else sets `trouble`.
started() {
  local unit missing=()
  for unit; do is_up "$unit" || missing+=("$unit"); done
  [ "${#missing[@]}" -eq 0 ] && return 0
  bounded 60 systemctl enable --now --quiet "${missing[@]}" >"$work/said" 2>&1 && return 0
  for unit in "${missing[@]}"; do is_up "$unit" || break; done
  trouble="$unit failed to start: $(systemctl show --value --property Result "$unit")"
  return 1
}

is_up() { systemctl is-active --quiet "$1" && systemctl is-enabled --quiet "$1"; }
