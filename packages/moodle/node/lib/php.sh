# PHP-FPM. Each is named by what it is made of (the manifest's `fpm`), with files, sockets and an instance of
# warden-php@.service of its own. One that runs takes up no other settings: to reload it under traffic would hold every
# request up until its old workers end. Another one starts beside it, nginx goes over, and the first ends when it has nothing
# left to do. So for a while there are workers of both; the ones that serve are always as many as the site asks for.

# start_php BUNDLE CODE: its FPM runs and gives pages of that code; whichever serves goes on serving. Sets `trouble`.
start_php() {
  { php "$lib/bundle.php" place "$1" - fpm.conf fpm.ini fpm.service >/dev/null && systemctl daemon-reload; } || {
    trouble="the files of PHP-FPM cannot be put in their places"
    return 1
  }
  # Once this run is over, however it ends, only the one that is in use stays.
  systemctl start --no-block warden-retire.service
  started "$(unit_of_php "$fpm")" && warm_php "$2"
}

unit_of_php() { printf 'warden-php@%s.service' "$1"; }

# ask_php FPM SOCKET SCRIPT NAME=VALUE…: what it prints to a request without a web server; fails when that is an error.
ask_php() { bounded 10 php "$lib/fastcgi.php" "$fpm_sockets/$1/$2" "${@:3}"; }

# warm_php CODE: the page that visitors ask for first, before they do. Where nobody else gets it either, neither this FPM nor
# this code is at fault.
warm_php() {
  local root=$1 script=/login/index.php
  [ -d "$root/public" ] && root=$root/public
  root=$(readlink -f "$root")
  ask_php "$fpm" moodle.sock "$root$script" SCRIPT_NAME="$script" REQUEST_URI="$script" DOCUMENT_ROOT="$root" HTTPS=on \
    HTTP_HOST="${address#https://}" HTTP_X_FORWARDED_PROTO=https HTTP_X_FORWARDED_FOR=127.0.0.1 REMOTE_ADDR=127.0.0.1 \
    SERVER_SOFTWARE=nginx >/dev/null 2>"$work/said" && return 0
  [[ $(page "$script") == [23]* ]] || return 0
  trouble="the login page fails with what is new: $(tail -n 1 "$work/said" | cut -c 1-200)"
  return 1
}

# Both at once must fit: the second may come to need as much as the first has. Better refused than ended by the kernel.
room_for_php() {
  local serving needs has
  systemctl is-active --quiet "$(unit_of_php "$fpm")" && return 0
  serving=$(asked_by_nginx)
  needs=$(memory_of_php "$serving")
  has=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
  [ "$needs" -le "$has" ] && return 0
  trouble="no room for a second PHP-FPM: the one that serves takes up $((needs / 1024)) MiB, and $((has / 1024)) MiB are free"
  return 1
}

# memory_of_php FPM: KiB, of which what its processes share is counted once; 0 when it does not run.
memory_of_php() {
  local first pid
  first=$(systemctl show --value --property MainPID "$(unit_of_php "$1")")
  for pid in $first $(pgrep --parent "$first"); do
    cat "/proc/$pid/smaps_rollup" 2>/dev/null
  done | awk '$1 == "Pss:" { sum += $2 } END { print sum + 0 }'
}

# Names of FPMs that run.
running_php() {
  systemctl list-units --plain --no-legend --state=active 'warden-php@*.service' | sed -nE 's/^warden-php@([^. ]+)\.service.*/\1/p'
}

# workers_of_php FPM: how many of its workers are at work; fails when it does not say.
workers_of_php() {
  ask_php "$1" moodle-status.sock /warden/workers SCRIPT_NAME=/warden/workers QUERY_STRING=json >"$work/workers-$1" 2>/dev/null &&
    get "$work/workers-$1" 'active processes'
}

# Takes Warden's PHP files out of OPcache, which FPM's pools share, and those of releases that are gone: asked through the
# readiness pool's own socket, where no web server and no other machine can ask.
forget_php() {
  local files
  files=$(readlink -f "$current/config.php")$'\n'$secrets$'\n'$(plain_php manifest-places "$bundle/manifest.json" \
    cache-configuration.php lib.php ready.php ready-settings.php opcache.php)
  ask_php "$fpm" warden-ready.sock "$lib/forget.php" WARDEN_FILES="$files" WARDEN_RELEASES="$releases" >"$work/said" 2>&1 || {
    trouble="PHP-FPM did not forget the files before: $(tail -n 1 "$work/said" | cut -c 1-200)"
    return 1
  }
}
