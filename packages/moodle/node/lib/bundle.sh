# The configuration bundle: fetched by its digest, unpacked beside the one in use, and put in its places file by file.

# fetch_bundle DIGEST: sets `bundle` to where it is unpacked. What cannot be so is refused before it touches anything.
fetch_bundle() {
  local digest=$1 archive=$work/bundle.tar unpacked
  [[ $digest =~ ^[a-f0-9]{64}$ ]] || {
    trouble="$digest is no digest of a bundle"
    return 1
  }
  bundle=$bundles/$digest
  # There as a whole or not at all: it was moved here.
  [ -d "$bundle" ] && return 0
  s3_get "bundles/$digest.tar" "$archive" || {
    trouble="the bundle $digest cannot be fetched"
    return 1
  }
  [ "$(sha256sum <"$archive" | cut -d ' ' -f 1)" = "$digest" ] || {
    trouble="the archive of the bundle $digest has another checksum"
    return 1
  }
  mkdir -p "$bundles"
  rm -rf "$bundles"/.new-*
  unpacked=$(mktemp -d "$bundles/.new-XXXXXX")
  { tar -xf "$archive" -C "$unpacked" --no-same-owner && [ -s "$unpacked/manifest.json" ] &&
    readable_to_php "$unpacked" && mv -T "$unpacked" "$bundle"; } || {
    trouble="the bundle $digest cannot be unpacked"
    return 1
  }
}

# PHP's user compares its own cache configuration with the bundle's.
readable_to_php() {
  local group
  group=$(get "$1/manifest.json" platform.group) || return 1
  chgrp -R "$group" "$1" && chmod 750 "$1" && find "$1" -type f -exec chmod 640 {} + &&
    chmod 711 "$state" "$bundles"
}

# know_platform BUNDLE: who runs what here, as the bundle's manifest has it.
know_platform() {
  local facts
  mapfile -t facts < <(get "$1/manifest.json" platform.user platform.group platform.webServer platform.php \
    platform.fpm fpm address moodledata.directory)
  [ "${#facts[@]}" -eq 8 ] || return 1
  php_user=${facts[0]} php_group=${facts[1]} web_server=${facts[2]} php_program=${facts[3]}
  fpm_program=${facts[4]} fpm=${facts[5]} address=${facts[6]} moodledata=${facts[7]}
}

# The bundle that is in place; fails on a node that has none.
installed_bundle() {
  bundle=$bundles/$(installed_digest)
  [ -d "$bundle" ] && know_platform "$bundle"
}

# place BUNDLE RELEASE: every file that differs, each in one step; prints the names of those. Then says what is on this
# disk now, and forgets bundles other than this one, the one before, and the one that a push would return to.
place() {
  local before first
  before=$(installed_digest) first=$(get_or_none "$returns_to" digest)
  php "$lib/bundle.php" place "$1" "$releases/$2" || return 1
  say release="$2" digest="${1##*/}" >"$installed.new" && chmod 644 "$installed.new" && mv -f "$installed.new" "$installed"
  find "$bundles" -mindepth 1 -maxdepth 1 -type d ! -name "${1##*/}" ! -name "$before" \
    ! -name "$first" -exec rm -rf {} +
}

# drift: places whose file is no longer the bundle's, one a line.
drift() { php "$lib/bundle.php" drift "$bundle" "$(readlink -f "$current")"; }
