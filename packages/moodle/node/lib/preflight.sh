# Warden-Preflight: another release and its bundle, beside those in use, and what would stand in their way here. Nothing is
# switched, and nothing that is in use is another afterwards.

verb_preflight() {
  make_work
  alone
  trouble='' part=''
  local release=${WARDEN_RELEASE:-} digest=${WARDEN_DIGEST:-} before serving code
  installed_bundle || preflight_failed "this node has no configuration yet" || return 1
  before=$bundle serving=$fpm
  look
  [ -z "$(found shared.database)" ] || part=database preflight_failed "the database $(found shared.database)" || return 1
  [ -z "$(found node.files)" ] || part=files preflight_failed "$(found node.files)" || return 1
  fetch_bundle "$digest" && know_platform "$bundle" || preflight_failed "$trouble" || return 1
  have_release "$release" || preflight_failed "$trouble" || return 1
  forget_releases "$release"
  code=$releases/$release
  # Nobody reads it there before the release is in use; where it is, it stays as it is.
  [ "$release" = "$(release_in_use)" ] || php "$lib/bundle.php" place "$bundle" "$code" config.php >/dev/null ||
    preflight_failed "config.php cannot be put into the release $release" || return 1
  moodle 30 site "$code" >"$work/site" 2>"$work/said" ||
    preflight_failed "Moodle of the release does not start: $(how_it_ended $? "$work/said" "$work/site")" || return 1
  [ "$(cat "$work/site")" != empty ] || preflight_failed "the site is not installed" || return 1
  look_for_problems >"$work/problems"
  sort -u "$work/problems" | head -n 20 | cut -c 1-300 >"$work/told"
  note "preflight: $release with $digest: $(wc -l <"$work/told") problems"
  say ok:=true upgrade="$(upgrade_wanted)" problems@="$work/told"
}

preflight_failed() {
  note "preflight: $1"
  say ok:=false ${part:+part="$part"} message="$1"
  return 1
}

# Sentences for a person, one a line.
look_for_problems() {
  { fits "$before" "$bundle" && lint "$bundle"; } || printf '%s\n' "$trouble"
  # Its own PHP-FPM does not run yet.
  fpm=$serving look_at_php
  look_by preflight-code.php 240 "the code could not be looked at"
  look_by preflight-moodle.php 90 "Moodle did not look at what it needs"
}

# look_by PROGRAM SECONDS WORDS: what it finds, or these words when it ends in another way than it should.
look_by() {
  as_php "$2" "$php_program" "$lib/$1" "$code" "$bundle/manifest.json" >"$work/found" 2>"$work/said" ||
    printf '%s: %s\n' "$3" "$(how_it_ended $? "$work/said")"
  cat "$work/found"
}

# As Moodle's own upgrade.php says it with its exit status: 3 where the site may stay open. A release that does not know the
# question is upgraded with the site closed.
upgrade_wanted() {
  [ "$(cat "$work/site")" = upgrade-pending ] || {
    printf none
    return
  }
  as_php 60 "$php_program" "$lib/upgrade-wanted.php" "$code" >/dev/null 2>&1
  if [ $? -eq 3 ]; then printf open; else printf closed; fi
}
