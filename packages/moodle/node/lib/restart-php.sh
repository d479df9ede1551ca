# Warden-RestartPhp: PHP-FPM from anew. What its workers were doing is lost: this is for when they do nothing any more.

verb_restart_php() {
  make_work
  alone
  installed_bundle || {
    say ok:=false message="this node has no configuration yet"
    return 1
  }
  local unit
  unit=$(unit_of_php "$fpm")
  { bounded 60 systemctl restart "$unit" >/dev/null 2>&1 && workers_answer; } || {
    say ok:=false message="$unit did not come back: $(systemctl show --value --property Result "$unit")"
    return 1
  }
  note "restarted $unit"
  say ok:=true
}

workers_answer() {
  local try
  for try in {1..60}; do
    curl --silent --fail --max-time 2 'http://127.0.0.1/warden/workers?json' >"$work/workers" &&
      [ "$(get "$work/workers" 'total processes')" -gt 0 ] && return 0
    sleep 0.5
  done
  note "no worker answered in $try tries"
  return 1
}
