# Warden-Evidence: what a person would look at first, in 2,000 characters and without secrets. A part that does not answer is
# left out: whatever is wrong here, something comes out.

verb_evidence() {
  make_work
  local summary
  installed_bundle || moodledata=/
  evidence >"$work/evidence" 2>/dev/null
  summary=$(redacted 1990 <"$work/evidence")
  # A redaction that failed prints nothing, and then nothing goes out.
  say summary="${summary:-none}"
}

evidence() {
  printf '%s %s %s\n' "$(hostname)" "$(installed_release)" "$(installed_digest | cut -c 1-12)"
  bounded 5 df --output=target,pcent / >"$work/part" && tail -n +2 "$work/part"
  bounded 5 df --output=target,pcent "$moodledata" >"$work/part" && tail -n +2 "$work/part"
  free -m | awk 'NR == 2 { print "memory " $3 " of " $2 " MiB" }'
  curl --silent --max-time 3 'http://127.0.0.1/warden/workers?json' >"$work/workers" &&
    printf 'workers: %s at work, %s in all\n' "$(get "$work/workers" 'active processes')" "$(get "$work/workers" 'total processes')"
  systemctl list-units --failed --plain --no-legend | cut -d ' ' -f 1
  # The newest last; each unit by itself, so that one that talks much does not hide the others.
  local unit
  for unit in 'warden-php@*.service' nginx.service warden-watcher.service; do
    journalctl --unit "$unit" --lines 4 --no-pager --output cat | cut -c 1-160
  done
  journalctl --identifier warden-node --identifier moodle-cron --lines 8 --no-pager --output cat | cut -c 1-200
}
