# SendCommand has no idempotency token, so the same work may arrive twice. Each batch runs once here: a repeat is answered
# with the first result, and one that comes while the first still runs waits for it. When the first died without a result,
# the repeat does the work.

# once_per_batch VERB
once_per_batch() {
  local result status
  [[ ${WARDEN_BATCHID:-} =~ ^[A-Za-z0-9-]{1,64}$ ]] || {
    note "WARDEN_BATCHID is no name of a batch"
    return 2
  }
  mkdir -p "$batches"
  find "$batches" -maxdepth 1 -type f -mtime +7 -delete
  result=$batches/$WARDEN_BATCHID
  exec 9>"$result.lock"
  flock 9
  [ -e "$result" ] || first_result "$1" "$result" || return 1
  { read -r status && cat; } <"$result"
  return "$status"
}

# The status on the first line, the answer on the second; there at once and whole, or not at all.
first_result() {
  local status answer
  ("verb_${1//-/_}") >"$2.out" 9>&-
  status=$?
  answer=$(tail -n 1 "$2.out")
  rm -f "$2.out"
  [ -n "$answer" ] || return 1
  printf '%s\n%s\n' "$status" "$answer" >"$2.new"
  mv -f "$2.new" "$2"
}

# alone [SECONDS]: what changes the node, or looks at all of it, goes one at a time: two batches may ask for it side by
# side. Fails when others are not done after so long; without a limit it waits.
alone() {
  exec 8>"$run/work.lock"
  flock ${1:+--timeout "$1"} 8
}
