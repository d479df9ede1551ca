# Warden-Install: the site in its database, which is empty. Its name and its first administrator are the bundle's. The
# administrator's password is fetched when there is something to install, lies in memory until then, and goes to Moodle by
# standard input. What else a site needs config.php gives it.

verb_install() {
  make_work
  has_assigned || return 1
  look_at_schema "$work/before" || {
    say_schema unknown false "the database does not answer"
    return 1
  }
  local facts input=''
  mapfile -t facts < <(get "$bundle/manifest.json" name administrator.email administrator.user)
  if [[ $(cat "$work/before") == empty\ * ]]; then
    fetch_password "${facts[1]}" || {
      say_schema empty false "$trouble"
      return 1
    }
    input=$work/password
  fi
  # Others may be at it: then this waits, and needs no password.
  change_schema 1700 900 install "--fullname=${facts[0]}" "--adminemail=${facts[1]}" "--adminuser=${facts[2]}"
}

# fetch_password EMAIL: into $work/password; sets `trouble`.
fetch_password() {
  local secret
  [ -n "$1" ] || {
    trouble="the site configuration names no administrator: add administrator: { email: …, password: { secret: … } }"
    return 1
  }
  secret=$(get "$bundle/manifest.json" administrator.password.secret)
  read_secret "$secret" AWSCURRENT "$work/password.answer" || {
    trouble="the secret $secret cannot be read"
    return 1
  }
  php "$lib/secrets.php" administrator "$bundle" "$work/password.answer" >"$work/password" 2>"$work/said" || {
    trouble=$(cat "$work/password")
    return 1
  }
}
