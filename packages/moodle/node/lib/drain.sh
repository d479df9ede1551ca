# Warden-Drain: takes this node out of rotation, and says so at once; drain-status tells when it is idle. Readiness answers
# 503 from now on, everything else goes on for those who are here. Nothing that is the site's is changed.

verb_drain() {
  drain
  say draining:=true
}

# A repeat does nothing more: Moodle's cron ends its task at the first SIGTERM, and in the middle of it at the second. systemd
# sends one when it begins to stop a unit, and none to a unit that is stopping already.
drain() {
  [ -e "$draining" ] || note "drains${WARDEN_DEADLINE:+ until $WARDEN_DEADLINE}"
  install -m 644 /dev/null "$draining"
  systemctl stop 'warden-cron@*.timer' 2>/dev/null
  systemctl stop --no-block 'warden-cron@*.service' 2>/dev/null
  return 0
}
