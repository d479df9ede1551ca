# Warden-Drain: takes this node out of rotation, and says so at once; drain-status tells when it is idle. Readiness answers
# 503 from now on, everything else goes on for those who are here. Nothing that is the site's is changed.

verb_drain() {
  drain
  say draining:=true
}

# A repeat does nothing more.
drain() {
  [ -e "$draining" ] || note "drains${WARDEN_DEADLINE:+ until $WARDEN_DEADLINE}"
  install -m 644 /dev/null "$draining"
  stop_cron
}
