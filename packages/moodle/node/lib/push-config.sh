# Warden-PushConfig: another bundle of the same release, while requests go on. FPM is neither restarted nor reloaded: even a
# graceful reload ends what runs longer than its control time-out. Files of PHP are taken out of OPcache instead, and nginx
# takes its new files with workers of its own. What only a new FPM would read (pools, php.ini) is refused: such a change
# comes with new nodes, in waves. A bundle that verification finds bad is taken back.

verb_push_config() {
  make_work
  alone
  trouble='' part='' bundle=''
  local release=${WARDEN_RELEASE:-} digest=${WARDEN_DIGEST:-}
  local had_release had_digest
  had_release=$(installed_release) had_digest=$(installed_digest)
  { installed_bundle && [ "$had_release" = "$release" ]; } || {
    push_failed bundle "it is for $release, and this node has $had_release"
    return 1
  }
  local before=$bundle
  fetch_bundle "$digest" && know_platform "$bundle" || push_failed bundle "$trouble" || return 1
  same_for_fpm "$before" "$bundle" || push_failed bundle "$trouble" || return 1
  lint "$bundle" || push_failed lint "$trouble" || return 1
  keep_secrets
  write_secrets "$bundle" || {
    forget_kept
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

# swap_to BUNDLE: its files in their places, and their readers told.
swap_to() {
  place "$1" "$had_release" >"$work/placed" || {
    trouble="the bundle ${1##*/} cannot be put in its places"
    return 1
  }
  if grep -qxE '.*\.(service|timer|path)|directories\.conf' "$work/placed"; then
    systemd-tmpfiles --create /etc/tmpfiles.d/warden.conf 2>/dev/null
    systemctl daemon-reload
  fi
  if grep -qx nginx.conf "$work/placed"; then
    { bounded 20 nginx -t -q >"$work/said" 2>&1 && systemctl reload nginx.service; } || {
      trouble="nginx refuses its files: $(tail -n 2 "$work/said" | tr '\n' ' ' | cut -c 1-300)"
      return 1
    }
  fi
  # Amazon's agent reads its settings when it starts, and no request goes through it.
  grep -qx agent.json "$work/placed" && systemctl try-restart amazon-cloudwatch-agent.service
  start_cron "$1" && start_units "$1" || return 1
  forget_php
}

# What all nodes share says nothing about a configuration: only a node's own fault takes it back.
judge_push() {
  local before=$1 message maintenance=${WARDEN_MAINTENANCE:-open}
  verify "$release" "$digest" "$maintenance" >/dev/null
  if [ "$(get "$work/verdict" verdict)" != node-bad ]; then
    forget_kept
    say ok:=true release="$(installed_release)" digest="$(installed_digest)"
    return 0
  fi
  message=$(wrong_probes "$work/verdict")
  # The same bundle again, for files or secrets that were no longer right: there is nothing better to go back to.
  if [ "$had_digest" = "$digest" ]; then
    forget_kept
    push_failed verify "$message"
    return 1
  fi
  go_back "$before" || message="$message; and the one before did not come back: $trouble"
  verify "$had_release" "$had_digest" "$maintenance" >/dev/null
  push_failed verify "$message"
}

# The secrets that the bundle before needs, until it is sure that nobody goes back to it.
keep_secrets() {
  local file
  for file in "$secrets" "$secret_versions"; do
    [ ! -e "$file" ] || cp -p "$file" "$file.before"
  done
}

forget_kept() { rm -f "$secrets.before" "$secret_versions.before"; }

go_back() {
  mv -f "$secrets.before" "$secrets"
  mv -f "$secret_versions.before" "$secret_versions" 2>/dev/null
  bundle=$1
  know_platform "$bundle" && swap_to "$bundle"
}
