# Warden-PushConfig: another bundle, another release, or both, while requests go on. FPM is neither restarted nor reloaded:
# even a graceful reload ends what runs longer than its control time-out. Files of PHP are taken out of OPcache instead, and
# nginx takes its new files with workers of its own. What only a new FPM would read (pools, php.ini) comes with a new FPM,
# which has to give pages before nginx goes over to it (php.sh). Another release is looked at beside the one in use and
# switched to in one step: nginx names real paths, so to OPcache its files are other files. What gives no pages is refused before
# a visitor comes to it (trial.sh), what verification finds bad is taken back. A run that is killed leaves a node that serves,
# and the next one knows what to return to.

verb_push_config() {
  make_work
  alone
  trouble='' part='' bundle=''
  local release=${WARDEN_RELEASE:-} digest=${WARDEN_DIGEST:-} before before_release
  installed_bundle || {
    push_failed bundle "this node has no configuration yet"
    return 1
  }
  comes_from
  fetch_bundle "$digest" && know_platform "$bundle" || push_failed bundle "$trouble" || return 1
  fits "$before" "$bundle" || push_failed bundle "$trouble" || return 1
  lint "$bundle" || push_failed lint "$trouble" || return 1
  have_release "$release" || push_failed release "$trouble" || return 1
  keep_before
  prepare_secrets "$bundle" || {
    # Nothing is another yet, unless a run that was killed made it so.
    [ "${before##*/}" != "$(installed_digest)" ] || { restore_secrets && forget_before; }
    push_failed secrets "$trouble"
    return 1
  }
  suits_database "$bundle" "$release" || give_up release "$trouble" || return 1
  says_nothing || try_out "$bundle" "$release" || give_up verify "$trouble" || return 1
  put_secrets || give_up secrets "$trouble" || return 1
  swap_to "$bundle" "$release" || give_up swap "$trouble" || return 1
  judge_push
}

# push_failed STEP MESSAGE: what the node has after that; always fails.
push_failed() {
  note "push-config: $1 failed: $2"
  say ok:=false step="$1" message="${2:-failed}" release="$(installed_release)" digest="$(installed_digest)"
  return 1
}

# give_up STEP MESSAGE: the same, after the way back.
give_up() {
  local message=$2
  go_back || message="$message; and the one before did not come back: $trouble"
  push_failed "$1" "$message"
}

# Sets `before` and `before_release`, the bundle and the release to go back to: what a run that was killed came from, or what
# is in place.
comes_from() {
  before=$bundles/$(get_or_none "$returns_to" digest) before_release=$(get_or_none "$returns_to" release)
  [ -d "$before" ] && [ -d "$releases/$before_release" ] && return 0
  before=$bundle before_release=$(installed_release)
}

# And the secrets that go with it, until it is sure that nobody goes back to it.
keep_before() {
  local file
  if [ ! -e "$returns_to" ] || [ ! -e "$secrets.before" ]; then
    for file in "$secrets" "$secret_versions"; do
      [ ! -e "$file" ] || cp -p "$file" "$file.before"
    done
  fi
  say release="$before_release" digest="${before##*/}" >"$returns_to.new" && mv -f "$returns_to.new" "$returns_to"
}

forget_before() { rm -f "$returns_to" "$secrets.before" "$secret_versions.before"; }

restore_secrets() {
  mv -f "$secrets.before" "$secrets"
  [ ! -e "$secret_versions.before" ] || mv -f "$secret_versions.before" "$secret_versions"
}

# suits_database BUNDLE RELEASE: its code would not serve on a database that has yet to be upgraded for it, unless that is
# what everybody waits for. Asked before anybody is sent to it; its config.php is read by nobody else yet.
suits_database() {
  [ "$2" = "$(release_in_use)" ] && return 0
  php "$lib/bundle.php" place "$1" "$releases/$2" config.php >/dev/null || {
    trouble="config.php cannot be put into the release $2"
    return 1
  }
  # Where nobody can tell, verification will.
  moodle 15 site "$releases/$2" >"$work/site" 2>/dev/null
  ! takes_upgrade "$(cat "$work/site")" || {
    trouble="the database would have to be upgraded for the release $2"
    return 1
  }
}

# takes_upgrade STATE: whether the release that is pushed, and not what was there before, wants an upgrade that nobody asked for.
takes_upgrade() {
  [ "$1" = upgrade-pending ] && [ "${WARDEN_UPGRADE:-none}" != expected ] && [ "$release" != "$before_release" ]
}

# Whether a trial could not tell: of a release that waits for its upgrade, as in verification no page is judged; and who gets
# the same once more has nothing better to stay with.
says_nothing() { is_again || { [ "${WARDEN_UPGRADE:-none}" = expected ] && [ "$release" != "$before_release" ]; }; }

# swap_to BUNDLE RELEASE: its FPM, its files in their places, the release, and their readers told. Each step is done again
# where it may be that a run before was killed after the one before it.
swap_to() {
  start_php "$1" "$releases/$2" || return 1
  { place "$1" "$2" >"$work/placed" && switch_to "$2"; } || {
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

# What all nodes share says nothing about a configuration or a release: only what is their own fault takes them back.
judge_push() {
  local message verdict maintenance=${WARDEN_MAINTENANCE:-open}
  verify "$release" "$digest" "$maintenance" >/dev/null
  # A node that is busy may have been silent for a moment; what is bad twice is bad.
  [ "$(get "$work/verdict" verdict)" != node-bad ] || verify "$release" "$digest" "$maintenance" >/dev/null
  verdict=$(get "$work/verdict" verdict)
  if [ "$verdict" != node-bad ] && ! takes_upgrade "$verdict"; then
    forget_before
    say ok:=true release="$(installed_release)" digest="$(installed_digest)"
    return 0
  fi
  message=$(wrong_probes "$work/verdict")
  if is_again; then
    forget_before
    push_failed verify "$message"
    return 1
  fi
  go_back || message="$message; and the one before did not come back: $trouble"
  verify "$before_release" "${before##*/}" "$maintenance" >/dev/null
  push_failed verify "$message"
}

# The same once more, for files or secrets that were no longer right: there is nothing better to go back to.
is_again() { [ "$before_release ${before##*/}" = "$release $digest" ]; }

go_back() {
  restore_secrets
  bundle=$before
  know_platform "$bundle" && swap_to "$bundle" "$before_release" && forget_before
}
