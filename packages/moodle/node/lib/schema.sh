# The site's database, installed or brought up to this node's code: by one node at a time, whoever else is asked (schema.php).
# It does not hold up other work on this node, which goes on being verified: what is changed is the database, by the code's
# real path.

# has_assigned: whether this node has what the order is for; else says so.
has_assigned() {
  installed_bundle && [ "$(installed_release) $(installed_digest)" = "${WARDEN_RELEASE:-} ${WARDEN_DIGEST:-}" ] &&
    [ "$(release_in_use)" = "$WARDEN_RELEASE" ] && return 0
  say_schema unknown false "this node has $(installed_release) with $(installed_digest), not $WARDEN_RELEASE with $WARDEN_DIGEST"
}

# schema SECONDS ARGUMENT…: schema.php, which waits for others for the first argument's seconds.
schema() { as_php "$1" "$php_program" "$lib/schema.php" "$(readlink -f "$current")" "$warden/measure-settings.php" "${@:2}"; }

# look_at_schema FILE: what the database is, and after it a mark that is another as soon as anybody changes that.
look_at_schema() { schema 20 0 look >"$1" 2>/dev/null && [ -s "$1" ]; }

# change_schema SECONDS ARGUMENT…: from the look in $work/before on; says what came of it.
change_schema() {
  local state moved=true
  schema "$@" >"$work/schema" 2>&1
  state=$(tail -n 1 "$work/schema")
  case $state in installed | empty | half-installed | upgrade-pending | held) ;; *) state=unknown ;; esac
  # Who cannot tell any more says that it was changed: nobody goes back on a guess.
  look_at_schema "$work/after" && cmp -s "$work/before" "$work/after" && moved=false
  say_schema "$state" "$moved" "$(words_of_moodle "$state")"
}

# say_schema STATE MOVED MESSAGE: succeeds only for an installed site.
say_schema() {
  note "schema: $1: $3"
  say state="$1" moved:="$2" message="$3"
  [ "$1" = installed ]
}

# Its last ones, where it did not do what it was asked for.
words_of_moodle() {
  if [ "$1" = installed ]; then
    printf 'the site is installed'
  elif [ "$1" = held ]; then
    printf 'other nodes were at it all the time, or one that upgraded was killed a moment ago'
  else
    printf 'Moodle ended with: '
    # The administrator's password is none of the secrets that this node keeps.
    grep -v '^$' "$work/schema" | grep -vxF "$1" | { if [ -s "$work/password" ]; then grep -vFf "$work/password"; else cat; fi; } |
      tail -n 4 | redacted | tr '\n' ' ' | cut -c 1-600
  fi
}
