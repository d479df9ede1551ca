# Makes a stock image the image of a site's nodes; run again it brings the same end. As root, on a machine or in a chroot. What
# stands above is the recipe's data (src/image/prepare.ts). Nothing is started or stopped: a node that serves goes on serving.
set -eu
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
from=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

main() {
  # Before the packages, whose own scripts would start them.
  with_masked systemctl mask --quiet
  with_packages install_missing
  with_brought bring
  with_enabled enable
  sh "$from/node/install.sh"
  prove
  # User data asks for it. Root's shell elsewhere may keep others out of what it writes.
  (umask 022 && printf '%s\n' "$image" >/opt/warden/image)
}

fail() {
  printf 'prepare: %s\n' "$1" >&2
  exit 1
}

install_missing() {
  for package in "$@"; do
    shift
    is_installed "$package" || set -- "$@" "$package"
  done
  [ "$#" -eq 0 ] || from_repositories "$@"
}

is_installed() {
  case $manager in
    apt) dpkg-query --show --showformat '${db:Status-Status}\n' -- "$1" 2>/dev/null | grep -qx installed ;;
    dnf) rpm --query --quiet -- "$1" ;;
  esac
}

from_repositories() {
  case $manager in
    apt) apt-get --quiet update && apt-get --quiet --yes --no-install-recommends install -- "$@" ;;
    dnf) dnf --quiet --assumeyes --setopt=install_weak_deps=False install -- "$@" ;;
  esac || fail "the system's repositories do not give all of: $*; has it this version of PHP?"
}

# bring PACKAGE PROGRAM UNIT …: what no repository of Debian has.
bring() {
  while [ "$#" -ge 3 ]; do
    # Ubuntu's images for EC2 have the SSM agent as a snap, which looks after itself.
    if [ ! -e "/snap/$1" ]; then
      [ -e "$2" ] || install_beside "$1"
      [ -z "$3" ] || systemctl enable --quiet -- "$3"
    fi
    shift 3
  done
}

install_beside() {
  for file in "$from/packages/$1"*.deb; do
    [ -e "$file" ] || fail "$1 is in no repository of Debian: put Amazon's .deb of it into $from/packages"
    apt-get --quiet --yes --no-install-recommends install -- "$file"
  done
}

enable() {
  [ "$#" -eq 0 ] || systemctl enable --quiet -- "$@"
}

# What the node cannot be without, asked of the programs themselves: a package of another name or content shows here, and not
# when the first node starts.
prove() {
  for program in awk bash chattr cmp curl find flock gzip hostname mount nginx pgrep runuser setpriv setsid sha256sum \
    systemctl tar unshare usermod "$php" "$fpm"; do
    command -v "$program" >/dev/null || fail "$program is missing"
  done
  # %header, by which nginx tells what it runs with, came with curl 7.84.
  curl --version | sed -n '1s/^curl \([0-9.]*\).*/7.84\n\1/p' | sort --check=quiet --version-sort || fail "curl is older than 7.84"
  with_extensions has_extensions "$php"
  with_extensions_of_cron has_extensions "$php"
  with_extensions has_extensions "$fpm"
}

has_extensions() {
  program=$1
  shift
  loaded=$("$program" -m)
  for extension in "$@"; do
    printf '%s\n' "$loaded" | grep -qixF -- "$extension" || fail "$program has no extension $extension"
  done
}

main
