# Warden-Upgrade: brings the database up to this node's code, in maintenance or, where Moodle itself says that it may, with the
# site open. One that ended in the middle goes on when it is asked for again. Where the order to it is given up, Moodle's program
# is not ended with it, and keeps the lock: whoever is asked next waits for it.

verb_upgrade() {
  make_work
  has_assigned || return 1
  # Moodle's own help says `=false`: a word, which PHP takes for true.
  local open=--maintenance=0
  if [ "${WARDEN_MAINTENANCE:-open}" = maintenance ]; then
    open=''
    is_closed || {
      say_schema upgrade-pending false "the site is not in maintenance"
      return 1
    }
  fi
  look_at_schema "$work/before" || {
    say_schema unknown false "the database does not answer"
    return 1
  }
  change_schema 21500 3600 upgrade ${open:+"$open"}
}
