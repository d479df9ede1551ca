# Warden-PurgeCache: Moodle's application caches (MUC), which all nodes share, so one node at a time purges them and the others
# are content. Sessions are elsewhere and stay.

verb_purge_cache() {
  make_work
  installed_bundle || {
    say ok:=false message="this node has no configuration yet"
    return 1
  }
  moodle 100 purge >"$work/purged" 2>"$work/said" || {
    say ok:=false message="Moodle did not purge its caches: $(redacted <"$work/said" | tail -n 2 | tr '\n' ' ' | cut -c 1-300)"
    return 1
  }
  case $(tail -n 1 "$work/purged") in
    held) say ok:=true purged:='[]' held:=true ;;
    *) say ok:=true purged:='["everything"]' held:=false ;;
  esac
}
