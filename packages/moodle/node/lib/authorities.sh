# have_authorities BUNDLE: whom the system trusts, where PHP finds each quickly (authorities.php); sets `trouble` when it cannot.
have_authorities() {
  local trusted
  # A bundle of before, whose programs read the system's own file.
  trusted=$(get "$1/manifest.json" trusted 2>/dev/null) || return 0
  trouble=$(php "$lib/authorities.php" "$trusted" "$authorities" 2>&1) || {
    trouble="the authorities that this node trusts cannot be laid out: $trouble"
    return 1
  }
}
