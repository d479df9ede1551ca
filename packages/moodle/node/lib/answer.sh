# What a verb says: one line of JSON to Warden, and words to the journal. JSON is written by PHP, which every node has:
# text from elsewhere is never glued into it.

# plain_php PROGRAM ARGUMENT…: one of Warden's own that needs nothing but PHP itself. Without its settings and extensions PHP
# starts in a fraction of the time, and a look at a node starts it dozens of times.
plain_php() { php -n "$lib/$1.php" "${@:2}"; }

# say NAME=TEXT NAME:=JSON …: an object whose version is 1.
say() { plain_php json say v:=1 "$@"; }

# get FILE PATH…: values of a JSON file by dotted path, one a line; nothing for one that is not there.
get() { plain_php json get "$@"; }

# For people. Nothing that may hold a secret comes here.
note() {
  printf '%s\n' "$*" >&2
  logger --tag warden-node -- "$*" 2>/dev/null || true
  printf '%s %s\n' "$(date --utc --iso-8601=seconds)" "$*" 2>/dev/null >>"$own_log" || true
}

# redacted [BYTES] <TEXT: without the values of this node's secrets, and without what looks like a password.
redacted() { php "$lib/redact.php" "$secrets" "${1:-100000}"; }

# how_it_ended STATUS FILE…: for people, of a program that failed: what is in these files, in which its outputs went, and its
# status, as a kill and a time that is over (124) leave no word. Moodle tells its own errors on standard output.
how_it_ended() {
  local status=$1 words
  shift
  words=$(cat "$@" | redacted | tr -s '\n ' ' ' | cut -c 1-300)
  printf '%s(status %s)' "${words:+${words% } }" "$status"
}

# A folder in memory for what this run needs, gone with it. Ones that a killed run left behind go, too.
make_work() {
  install -d -m 755 "$run"
  find "$run" -maxdepth 1 -name 'work.*' -mmin +60 -exec rm -rf {} +
  work=$(mktemp -d "$run/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
}
