# The release: Moodle's code with its plugins. Brought by the image, or fetched by the digest that its name ends with and
# unpacked beside the one in use.

# have_release NAME: it is on this disk, whole, and PHP can write none of it; sets `trouble` when that cannot be.
have_release() {
  [[ $1 =~ ^[A-Za-z0-9._+-]{1,128}$ && $1 != *..* ]] || {
    trouble="$1 is no name of a release"
    return 1
  }
  # There as a whole or not at all: it was moved here, or an image brought it.
  { [ -d "$releases/$1" ] || fetch_release "$1"; } && close_code "$releases/$1"
}

fetch_release() {
  local name=$1 unpacked
  [[ $name =~ -([a-f0-9]{32})$ ]] || {
    trouble="the release $name is not on this node, and its name has no digest to fetch it by: $releases/$name is missing"
    return 1
  }
  local digest=${BASH_REMATCH[1]}
  # With the folder above it, which is as new: PHP has to come through.
  (umask 022 && mkdir -p "$releases")
  rm -rf "$releases"/.new-*
  # On the disk, where there is room: a release is a hundred megabytes.
  unpacked=$(mktemp -d "$releases/.new-XXXXXX")
  get_release "$name" "$digest" "$unpacked" && mv -T "$unpacked/code" "$releases/$name" && rm -rf "$unpacked" && return 0
  rm -rf "$unpacked"
  trouble=${trouble:-the release $name cannot be put in its place}
  return 1
}

# get_release NAME DIGEST FOLDER: its code in FOLDER/code.
get_release() {
  local archive=$3/release.tar.gz
  s3_get "releases/$1.tar.gz" "$archive" --max-time 120 || {
    trouble="the release $1 cannot be fetched"
    return 1
  }
  [[ $(sha256sum <"$archive") == "$2"* ]] || {
    trouble="the archive of the release $1 has another checksum"
    return 1
  }
  # An archive of files alone leaves the modes of directories to this program, which keeps others out.
  { mkdir "$3/code" && tar -xzf "$archive" -C "$3/code" --no-same-owner && [ -s "$3/code/release.json" ] &&
    chmod -R u=rwX,go=rX "$3/code"; } || {
    trouble="the release $1 cannot be unpacked"
    return 1
  }
}

# PHP may read the code and write none of it.
close_code() {
  [ -z "$(find "$1" \( ! -user root -o -perm /022 \) ! -type l -print -quit)" ] && return 0
  { chown -R --no-dereference root:root "$1" && chmod -R u+rwX,go+rX,go-w "$1"; } || {
    trouble="$1 cannot be made read-only"
    return 1
  }
}

# switch_to NAME: in one step. The one before stays: who follows the old link still may, and it is the way back.
switch_to() {
  local before
  before=$(release_in_use)
  [ "$before" = "$1" ] && return 0
  { [ -z "$before" ] || point_to "$before" "$before_current"; } && point_to "$1" "$current" || return 1
  forget_releases "$1"
}

point_to() { ln -sfn "releases/$1" "$2.new" && mv -fT "$2.new" "$2"; }

# forget_releases NAME: all but this one, the one in use, the one before it, and the one that a push would return to.
forget_releases() {
  find "$releases" -mindepth 1 -maxdepth 1 -type d ! -name "$1" ! -name "$(release_in_use)" \
    ! -name "$(basename "$(readlink "$before_current")")" ! -name "$(get_or_none "$returns_to" release)" -exec rm -rf {} +
}
