# Warden-Verify: looks at everything that makes a node right, each thing by itself and within its own time. What was found
# lies in files, and verdict.php judges. Readiness follows the verdict. Where an upgrade is expected the verdict is the same:
# whoever asked knows what to make of it, and until it has run this node is not verified for its release.

verb_verify() {
  make_work
  # In the middle of other work every file may differ: no verdict is better than a wrong one.
  alone 20 || {
    note "verify: other work on this node goes on"
    return 1
  }
  verify "${WARDEN_RELEASE:-}" "${WARDEN_DIGEST:-}" "${WARDEN_MAINTENANCE:-open}"
}

# verify RELEASE DIGEST MAINTENANCE: prints the answer; 0 only when the verdict is ok.
verify() {
  local look
  for look in drift outdated php files site page ready.json; do : >"$work/$look"; done
  if installed_bundle; then
    look
    bounded 10 php "$lib/bundle.php" drift "$bundle" "$(readlink -f "$current")" >"$work/drift" 2>/dev/null ||
      printf 'unknown\n' >"$work/drift"
    look_at_secrets
    look_at_php >"$work/php"
    look_at_the_files && look_at_the_site
  fi
  look_at_host >"$work/host"
  php "$lib/clock.php" >"$work/clock" 2>/dev/null
  plain_php verdict "$work" "$installed" "$(readlink "$current")" "$1" "$2" "$3" >"$work/verdict"
  remember "$(get "$work/verdict" verdict)"
  cat "$work/verdict"
  [ "$(get "$work/verdict" verdict)" = ok ]
}

# The readiness script asks whether they are there at all: what it finds hanging nobody else here touches.
look_at_the_files() {
  local trouble=''
  [ -z "$(found node.files)" ] && { use_moodledata || ! printf '%s\n' "$trouble" >"$work/files"; }
}

# Moodle and its pages work on the shared files, so they are only asked when those answer.
look_at_the_site() {
  [ -z "$(found shared.database)" ] && { moodle 12 site >"$work/site" 2>"$work/said" || tell_failure $?; }
  page /login/index.php >/dev/null
  # What failed may have failed with a shared part that went away after the first look.
  if grep -q '^failed' "$work/site" || ! grep -q '^200' "$work/page"; then look; fi
}

# tell_failure STATUS
tell_failure() {
  local words
  words=$(how_it_ended "$1" "$work/said" "$work/site")
  printf 'failed: %s' "$words" >"$work/site"
}

# A shared fault leaves readiness as it was, and so does a file that was changed here, or a secret that still works.
remember() {
  case $1 in
    ok)
      note "verified $(installed_release) with $(installed_digest)"
      install -m 644 "$installed" "$verified.new" && mv -f "$verified.new" "$verified"
      ;;
    node-bad)
      note "node-bad: $(wrong_probes "$work/verdict")"
      # While pages come up with a file that somebody changed, or an outdated secret, it keeps serving: to put that right takes
      # seconds.
      { plain_php verdict only-drift "$work/verdict" && grep -q '^200' "$work/page"; } || rm -f "$verified"
      ;;
    *) note "verified: $1: $(wrong_probes "$work/verdict")" ;;
  esac
}

# Names and messages of probes that failed, for a person.
wrong_probes() { plain_php verdict wrong "$1"; }
