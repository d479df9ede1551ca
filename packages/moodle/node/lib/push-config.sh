# Warden-PushConfig: another bundle of the same release, while requests go on. FPM is neither restarted nor reloaded: even a
# graceful reload ends what runs longer than its control time-out. Files of PHP are taken out of OPcache instead, and nginx
# takes its new files with workers of its own. What only a new FPM would read (pools, php.ini) comes with a new FPM, which
# has to give pages before nginx goes over to it (php.sh). A bundle that verification finds bad is taken back. A run that is
# killed leaves a node that serves, and the next one knows what to return to.

verb_push_config() {
  make_work
  alone
  trouble='' part='' bundle=''
  local release=${WARDEN_RELEASE:-} digest=${WARDEN_DIGEST:-}
  local had_release
  had_release=$(installed_release)
  { installed_bundle && [ "$had_release" = "$release" ]; } || {
    push_failed bundle "it is for $release, and this node has $had_release"
    return 1
  }
  local before
  before=$(comes_from)
  fetch_bundle "$digest" && know_platform "$bundle" || push_failed bundle "$trouble" || return 1
  fits "$before" "$bundle" || push_failed bundle "$trouble" || return 1
  lint "$bundle" || push_failed lint "$trouble" || return 1
  keep_before "$before"
  write_secrets "$bundle" || {
    # Nothing is another yet, unless a run that was killed made it so.
    [ "${before##*/}" != "$(installed_digest)" ] || { restore_secrets && forget_before; }
    push_failed secrets "$trouble"
    return 1
  }
  swap_to "$bundle" || {
    go_back "$before"
    push_failed swap "$trouble"
    return 1
  }
  judge_push "$before"
}

# push_failed STEP MESSAGE: what the node has after that; always fails.
push_failed() {
  note "push-config: $1 failed: $2"
  say ok:=false step="$1" message="${2:-failed}" release="$(installed_release)" digest="$(installed_digest)"
  return 1
}

# The bundle to go back to: what a run that was killed came from, or what is in place.
comes_from() {
  local digest
  digest=$(cat "$returns_to" 2>/dev/null)
  if [ -n "$digest" ] && [ -d "$bundles/$digest" ]; then printf '%s' "$bundles/$digest"; else printf '%s' "$bundle"; fi
}

# keep_before BUNDLE: and the secrets that it needs, until it is sure that nobody goes back to it.
keep_before() {
  local file
  if [ ! -e "$returns_to" ] || [ ! -e "$secrets.before" ]; then
    for file in "$secrets" "$secret_versions"; do
      [ ! -e "$file" ] || cp -p "$file" "$file.before"
    done
  fi
  printf '%s\n' "${1##*/}" >"$returns_to.new" && mv -f "$returns_to.new" "$returns_to"
}

forget_before() { rm -f "$returns_to" "$secrets.before" "$secret_versions.before"; }

restore_secrets() {
  mv -f "$secrets.before" "$secrets"
  [ ! -e "$secret_versions.before" ] || mv -f "$secret_versions.before" "$secret_versions"
}

# swap_to BUNDLE: its FPM, its files in their places, and their readers told. Each step is done again where it may be that a
# run before was killed after the one before it.
swap_to() {
  start_php "$1" || return 1
  place "$1" "$had_release" >"$work/placed" || {
    trouble="the bundle ${1##*/} cannot be put in its places"
    return 1
  }
  systemd-tmpfiles --create /etc/tmpfiles.d/warden.conf 2>/dev/null
  systemctl daemon-reload
  forget_php || return 1
  if grep -qx nginx.conf "$work/placed" || ! nginx_runs_this; then
    start_nginx || return 1
  fi
  # Amazon's agent reads its settings when it starts, and no request goes through it.
  grep -qx agent.json "$work/placed" && systemctl try-restart amazon-cloudwatch-agent.service
  start_cron "$1" && start_units "$1"
}

# What all nodes share says nothing about a configuration: only a node's own fault takes it back.
judge_push() {
  local before=$1 message maintenance=${WARDEN_MAINTENANCE:-open}
  verify "$release" "$digest" "$maintenance" >/dev/null
  if [ "$(get "$work/verdict" verdict)" != node-bad ]; then
    forget_before
    say ok:=true release="$(installed_release)" digest="$(installed_digest)"
    return 0
  fi
  message=$(wrong_probes "$work/verdict")
  # The same bundle again, for files or secrets that were no longer right: there is nothing better to go back to.
  if [ "${before##*/}" = "$digest" ]; then
    forget_before
    push_failed verify "$message"
    return 1
  fi
  go_back "$before" || message="$message; and the one before did not come back: $trouble"
  verify "$had_release" "${before##*/}" "$maintenance" >/dev/null
  push_failed verify "$message"
}

go_back() {
  restore_secrets
  bundle=$1
  know_platform "$bundle" && swap_to "$bundle" && forget_before
}
