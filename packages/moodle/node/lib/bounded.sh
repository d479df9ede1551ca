# Running what may hang. A process that asks a file system which no longer answers cannot be killed and cannot be waited
# for (it is in state D until the file system is back), so nobody here waits without a limit.

# What a command reads from standard input: a file, if a caller names one.
input=''

# bounded SECONDS COMMAND…: its status, or 124 when the time is over. Redirect its output to a file, never into a pipe or
# $(…): a reader would wait for what hangs. It gets none of our locks, or it would hold them as long as it hangs.
bounded() {
  local seconds=$1 child waited began=$EPOCHREALTIME
  shift
  setsid "$@" <"${input:-/dev/null}" 8>&- 9>&- &
  child=$!
  while kill -0 "$child" 2>/dev/null; do
    waited=$(milliseconds_since "$began")
    if [ "$waited" -ge $((seconds * 1000)) ]; then
      kill -KILL -- "-$child" "$child" 2>/dev/null
      disown "$child" 2>/dev/null
      return 124
    fi
    # An upgrade may take hours.
    if [ "$waited" -lt 5000 ]; then sleep 0.02; else sleep 0.3; fi
  done
  wait "$child"
}

milliseconds_since() { printf '%s' $(((${EPOCHREALTIME/./} - ${1/./}) / 1000)); }

# as_php SECONDS COMMAND…: as the user of the web pages. Moodle run by root would leave files that PHP cannot write.
as_php() {
  local seconds=$1
  shift
  bounded "$seconds" runuser -u "$php_user" -- "$@"
}

# moodle SECONDS VERB [CODE]: asks Moodle itself, see moodle.php.
moodle() { as_php "$1" "$php_program" "$lib/moodle.php" "${3:-$current}" "$2"; }
