# Warden-PurgeCache: what in Moodle's application caches, which all nodes share, may be stale after an outage. Every node may be
# asked for the same cause: one does it, and the others are content.

verb_purge_cache() {
  make_work
  [[ ${WARDEN_CAUSE:-} =~ ^[A-Za-z0-9-]{1,64}$ ]] || {
    say v:=2 ok:=false message="WARDEN_CAUSE is no name of a cause"
    return 1
  }
  installed_bundle || {
    say v:=2 ok:=false message="this node has no configuration yet"
    return 1
  }
  moodle 100 purge >"$work/purged" 2>"$work/said" || {
    say v:=2 ok:=false message="Moodle did not purge its caches: $(how_it_ended $? "$work/said" "$work/purged")"
    return 1
  }
  tail -n 1 "$work/purged"
}
