# Warden-Bootstrap: mount, release, bundle, secrets, services, warm. The first step that fails ends it and is named. Whatever
# is as it should be stays untouched, so a repeat is harmless, on a node that serves, too.

verb_bootstrap() {
  make_work
  alone
  local release=${WARDEN_RELEASE:-} digest=${WARDEN_DIGEST:-} step
  bundle='' trouble='' part=''
  for step in bundle mount release secrets place services warm; do
    "bootstrap_$step" && continue
    # To people a bundle that cannot be put in its places is one step with fetching it.
    [ "$step" = place ] && step=bundle
    note "bootstrap: $step failed: $trouble"
    say ok:=false step="$step" ${part:+part="$part"} message="${trouble:-failed}"
    return 1
  done
  forget_before
  note "bootstrap: has $release with $digest"
  say ok:=true release="$release" digest="$digest"
}

bootstrap_bundle() {
  local before
  before=$bundles/$(installed_digest)
  fetch_bundle "$digest" && know_platform "$bundle" && lint "$bundle" || return 1
  ! serves || [ ! -d "$before" ] || fits "$before" "$bundle"
}

bootstrap_mount() { mount_moodledata "$bundle"; }

bootstrap_release() { have_release "$release"; }

bootstrap_secrets() { write_secrets "$bundle"; }

# The files first, then the link: whoever follows it finds a release that is complete.
bootstrap_place() {
  place "$bundle" "$release" >/dev/null || {
    trouble="the bundle $digest cannot be put in its places"
    return 1
  }
  switch_to "$release"
}

# Cron asks for the machine's name, so it comes first.
bootstrap_services() { name_host && start_services "$bundle"; }

# One page, so that the first visitor does not wait for OPcache. Whether it is a right one, verification says.
bootstrap_warm() {
  look
  page /login/index.php >/dev/null
  local shared
  for shared in database cache; do
    [ -z "$(found "shared.$shared")" ] && continue
    part=$shared trouble="the $shared $(found "shared.$shared")"
    return 1
  done
}
