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

# Building and fetching releases is not this program's: it switches to one that is on the disk.
bootstrap_release() {
  [[ $release =~ ^[A-Za-z0-9._+-]{1,128}$ && -d $releases/$release && $release != *..* ]] || {
    trouble="the release $release is not on this node: $releases/$release is missing"
    return 1
  }
  close_code "$releases/$release"
}

# PHP may read the code and write none of it.
close_code() {
  [ -z "$(find "$1" \( ! -user root -o -perm /022 \) ! -type l -print -quit)" ] && return 0
  { chown -R --no-dereference root:root "$1" && chmod -R u+rwX,go+rX,go-w "$1"; } || {
    trouble="$1 cannot be made read-only"
    return 1
  }
}

bootstrap_secrets() { write_secrets "$bundle"; }

# The files first, then the link: whoever follows it finds a release that is complete.
bootstrap_place() {
  place "$bundle" "$release" >/dev/null || {
    trouble="the bundle $digest cannot be put in its places"
    return 1
  }
  [ "$(readlink "$current")" = "releases/$release" ] && return 0
  ln -sfn "releases/$release" "$current.new" && mv -fT "$current.new" "$current"
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
