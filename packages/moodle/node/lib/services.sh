# nginx, PHP-FPM and cron. What already runs goes on: nothing here stops a node that serves.

# start_services BUNDLE: sets `trouble` when something does not come up.
start_services() {
  systemd-tmpfiles --create /etc/tmpfiles.d/warden.conf 2>/dev/null
  systemctl daemon-reload
  let_nginx_send "$web_server" "$php_group"
  start_php && start_nginx && start_cron "$1" && start_units "$1" && forget_php
}

# On Amazon Linux nginx is another user than PHP, and sends files of moodledata.
let_nginx_send() {
  id -nG "$1" | tr ' ' '\n' | grep -qx "$2" || usermod --append --groups "$2" "$1"
}

start_php() {
  if systemctl is-active --quiet "$fpm_unit" && php_is_stale; then
    # Before a node serves nobody notices; afterwards its requests would be cut.
    if serves; then
      trouble="PHP's own settings changed, and this node serves: replace it"
      return 1
    fi
    systemctl stop "$fpm_unit"
  fi
  started "$fpm_unit"
}

# Whether FPM runs with other pools or settings than those on the disk.
php_is_stale() {
  local since file
  since=$(systemctl show --value --property ExecMainStartTimestamp --timestamp=us "$fpm_unit")
  since=$(date -d "$since" +%s%6N) || return 0
  while read -r file; do
    [ "$(stat -c %.6Z "$file" | tr -d .)" -gt "$since" ] && return 0
  done < <(php "$lib/manifest-places.php" "$bundle/manifest.json" pool-moodle.conf pool-ready.conf php.ini)
  return 1
}

# same_for_fpm BUNDLE BUNDLE: whether an FPM that runs with the one may go on with the other; else sets `trouble`.
same_for_fpm() {
  local name
  for name in $(php "$lib/bundle.php" between "$1" "$2"); do
    case $name in
      pool-moodle.conf | pool-ready.conf | php.ini | platform | moodledata)
        trouble="$name differs, which a running PHP-FPM does not take up: replace the nodes in waves"
        return 1
        ;;
    esac
  done
}

# Takes Warden's PHP files out of OPcache, which FPM's pools share: asked through the readiness pool's own socket, where no
# web server and no other machine can ask.
forget_php() {
  local files
  files=$(readlink -f "$current/config.php")$'\n'$secrets$'\n'$(php "$lib/manifest-places.php" "$bundle/manifest.json" \
    cache-configuration.php lib.php ready.php ready-settings.php opcache.php)
  bounded 10 php "$lib/fastcgi.php" /run/php/warden-ready.sock "$lib/forget.php" "$files" >"$work/said" 2>&1 || {
    trouble="PHP-FPM did not forget the files before: $(tail -n 1 "$work/said" | cut -c 1-200)"
    return 1
  }
}

# Whether this node may have requests: they must not be cut.
serves() { [ -e "$verified" ] && [ ! -e "$draining" ]; }

start_nginx() {
  # Debian's own site would answer in the place of ours.
  rm -f /etc/nginx/sites-enabled/default
  bounded 20 nginx -t -q >"$work/said" 2>&1 || {
    trouble="nginx refuses its files: $(tail -n 2 "$work/said" | tr '\n' ' ' | cut -c 1-300)"
    return 1
  }
  if systemctl is-active --quiet nginx.service; then systemctl reload nginx.service; else started nginx.service; fi
}

# The timers of this bundle, and no others. None on a node that leaves.
start_cron() {
  local wanted timer
  wanted=$(get "$1/manifest.json" timers)
  for timer in $(systemctl list-units --all --plain --no-legend 'warden-cron@*.timer' | cut -d ' ' -f 1); do
    [[ " $wanted " == *" $timer "* ]] || systemctl disable --now --quiet "$timer"
  done
  [ -e "$draining" ] && return 0
  for timer in $wanted; do
    started "$timer" || return 1
  done
}

# What runs for as long as the node does: measures, and facts for audits.
start_units() {
  local unit
  for unit in $(get "$1/manifest.json" units); do
    started "$unit" || return 1
  done
}

started() {
  systemctl is-active --quiet "$1" && systemctl is-enabled --quiet "$1" && return 0
  bounded 60 systemctl enable --now --quiet "$1" >"$work/said" 2>&1 && return 0
  trouble="$1 failed to start: $(systemctl show --value --property Result "$1")"
  return 1
}
