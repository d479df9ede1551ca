# A trial: what is pushed gives a page before any visitor is sent to it. For a moment it has an nginx and a PHP-FPM of its own,
# with its files where they will be: systemd gives them a view of the file system in which they are there already, while all
# others see those in use. nginx listens on a socket in this run's folder, where nobody else comes. One worker does, and the
# kernel ends it before anything that serves. Where this run is killed, it ends by itself.

# try_out BUNDLE RELEASE: sets `trouble` when its login page does not come up and the one in use does. Where neither comes up it
# may be what all nodes share; that may also have been gone for just a moment, so it is asked once more.
try_out() {
  local wrong there=(--unix-socket "$work/trial/web.sock") refused=''
  begin_trial "$1" "$2" || return 1
  if ! comes_up "${there[@]}" && comes_up && ! comes_up "${there[@]}"; then refused=yes; fi
  bounded 20 systemctl stop "$(unit_of_trial)"
  [ -z "$refused" ] && return 0
  trouble="page ($wrong)"
  return 1
}

# comes_up CURL-OPTION…: whether the login page does, as verification judges it; else sets `wrong`.
comes_up() {
  wrong=$(plain_php verdict page "$(page /login/index.php "$@")")
  [ -z "$wrong" ]
}

# Of this run alone: one that hangs in a file system is in nobody's way.
unit_of_trial() { printf 'warden-trial-%s.service' "${work##*.}"; }

begin_trial() {
  local folder=$work/trial caches
  caches=$(plain_php manifest-places "$1/manifest.json" cache-configuration.php)
  { trial_files "$1" "$folder" "$2" && trial_caches "$1/cache-configuration.php" "$folder/caches/${caches##*/}" &&
    bounded 60 systemd-run --quiet --collect --unit "$(unit_of_trial)" --service-type notify \
      --property RuntimeMaxSec=90 --property OOMScoreAdjust=1000 --setenv "PHP_INI_SCAN_DIR=:$folder/settings" \
      --property "BindReadOnlyPaths=$1/config.php:$releases/$2/config.php $work/new-secrets/${secrets##*/}:$secrets" \
      --property "BindPaths=$folder/caches:${caches%/*}" \
      bash -c ". $lib/all.sh && run_trial $folder $fpm_program" >"$work/said" 2>&1; } && return 0
  trouble="nginx and PHP-FPM do not begin with what is new: $(trial_said | redacted | tr '\n' ' ' | cut -c 1-300)"
  return 1
}

# run_trial FOLDER FPM: nginx is there as soon as it is behind this, and FPM tells systemd when it is.
run_trial() { nginx -q -c "$1/nginx.conf" && exec "$2" --nodaemonize --prefix "$1" --fpm-config "$1/fpm.conf"; }

trial_said() {
  cat "$work/said"
  journalctl --unit "$(unit_of_trial)" --lines 3 --output cat
}

# trial_files BUNDLE FOLDER RELEASE: its own, with other sockets, one worker, and no line in the log of visitors' requests.
trial_files() {
  mkdir -p "$2/settings" && cp "$1/fpm.ini" "$2/settings/" &&
    sed -E 's/^pm\.max_children = .*/pm.max_children = 1/' "$1/fpm.conf" >"$2/fpm.conf" &&
    sed -E -e '/^ *listen \[::\]:80 /d' -e "s#^( *listen) 80 .*#\1 unix:$2/web.sock;#" -e 's#^( *access_log) .*#\1 off;#' \
      -e "s#$fpm_sockets/$fpm/#$2/#; s#^( *root) $current(/|;)#\1 $releases/$3\2#" "$1/nginx.conf" >"$2/site.conf" &&
    around_nginx "$2" "$2/site.conf" "user root; error_log $2/nginx.log;"
}

# PHP's own, as it will be: Moodle overlooks one that it cannot write.
trial_caches() {
  install -d -m 750 -o "$php_user" -g "$php_group" "${2%/*}" && install -m 660 -o "$php_user" -g "$php_group" "$1" "$2"
}
