# Ends PHP-FPMs that are no longer in use: warden-retire.service. It is started with every new one and when the machine starts,
# waits until the work on this node is done, and goes on until none is left. So it does not matter how that work ended.

retire() {
  local each left=yes
  make_work
  while [ -n "$left" ]; do
    alone
    left=''
    for each in $(left_over); do
      if at_rest "$each"; then end_php "$each"; else left=$each; fi
    done
    exec 8>&-
    [ -z "$left" ] || sleep 2
  done
}

# FPMs of which neither the bundle in place nor nginx's file speaks.
left_over() {
  local each file
  installed_bundle && file=$(plain_php manifest-places "$bundle/manifest.json" nginx.conf) || return 1
  for each in "$fpm_files"/*/; do
    each=$(basename "$each")
    [ "$each" = "$fpm" ] || grep -qF "$fpm_sockets/$each/" "$file" || printf '%s\n' "$each"
  done
}

# Whether nobody can come any more, and nobody is there: nginx sends requests elsewhere, its workers from before that are gone,
# and no worker of FPM is at work. One of nginx's may still take in an upload; on a busy machine one may not even have heard of
# the change yet, and take in requests as before.
at_rest() {
  local asked
  systemctl is-active --quiet "$(unit_of_php "$1")" || return 0
  asked=$(asked_by_nginx)
  [ -n "$asked" ] && [ "$asked" != "$1" ] || return 1
  nginx_workers | grep -qxFf "$nginx_before" && return 1
  [ "$(workers_of_php "$1")" = 0 ]
}

end_php() {
  local unit
  unit=$(unit_of_php "$1")
  note "ends PHP-FPM $1, which has nothing to do any more"
  systemctl disable --now --quiet "$unit"
  systemctl reset-failed --quiet "$unit" 2>/dev/null
  rm -rf "${fpm_files:?}/$1"
}
