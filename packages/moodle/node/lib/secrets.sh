# Secrets: named in the bundle, resolved by the node's own role, and nowhere but in one file that PHP may read. Answers of
# Secrets Manager lie in this run's folder in memory until then. Which version of each a node has stands in a file of root's.
#
# A rotation takes a while: the label AWSCURRENT may be on a password that the server does not take yet, for it is moved first
# or the server is slow, and a node that went by the label alone would lose what still works. So the server is asked. The
# secret to have is AWSCURRENT, unless the server refuses it and takes AWSPREVIOUS, or what the node has now. A server that
# refuses all of them, or does not answer, says nothing: then the label counts. Verification finds a secret outdated when a
# push would now write another version than the node has; so it goes over to AWSCURRENT as soon as that works, and what heals
# it finds nothing more to do afterwards.

# write_secrets BUNDLE: sets `trouble` when it cannot.
write_secrets() { prepare_secrets "$1" && put_secrets; }

# prepare_secrets BUNDLE: into this run's folder, where a trial finds them; sets `trouble` when it cannot.
prepare_secrets() {
  local name reference answers=$work/secrets
  # Servers are asked whether they take a secret.
  have_authorities "$1" || return 1
  mkdir -p "$answers" "$work/new-secrets"
  while read -r name reference; do
    choose_secret "$1" "$name" "$reference" || {
      trouble="the secret $reference cannot be read"
      return 1
    }
  done < <(php "$lib/secrets.php" names "$1")
  for name in "$secrets" "$secret_versions"; do
    [ ! -e "$name" ] || cp -p "$name" "$work/new-secrets/"
  done
  trouble=$(php "$lib/secrets.php" write "$1" "$answers" "$work/new-secrets/${secrets##*/}" \
    "$work/new-secrets/${secret_versions##*/}" 2>&1) || return 1
  rm -rf "$answers"
}

# put_secrets: those, in their places. The versions afterwards: a node that was stopped in between believes that it has the older
# ones, and gets these again.
put_secrets() {
  local file
  mkdir -p "${secrets%/*}"
  chmod 755 "${secrets%/*}"
  for file in "$secrets" "$secret_versions"; do
    { cp -p "$work/new-secrets/${file##*/}" "$file.new" && mv -f "$file.new" "$file"; } || {
      trouble="$file cannot be written"
      return 1
    }
  done
}

# choose_secret BUNDLE NAME REFERENCE: leaves the answer with the secret to have as $work/secrets/NAME; no such file when it is
# the one that the node has.
choose_secret() {
  local chosen=$work/secrets/$2 before=$work/secrets/$2.before
  read_secret "$3" AWSCURRENT "$chosen.current" || return 1
  takes_secret "$1" "$2" "$chosen.current"
  if [ $? -ne 1 ]; then
    mv "$chosen.current" "$chosen"
  elif read_secret "$3" AWSPREVIOUS "$before" && takes_secret "$1" "$2" "$before"; then
    note "$2: its server refuses the current secret and takes the one before"
    mv "$before" "$chosen"
  elif takes_secret "$1" "$2"; then
    note "$2: its server refuses the current secret and takes the one that this node has"
  else
    mv "$chosen.current" "$chosen"
  fi
}

read_secret() {
  aws_json secretsmanager secretsmanager.GetSecretValue "$3" SecretId="$1" VersionStage="$2"
}

# takes_secret BUNDLE NAME [ANSWER]: 0, 1 when its server refuses it, another when nobody can tell.
takes_secret() { bounded 8 php "$lib/secrets.php" takes "$@" >/dev/null 2>&1; }

# look_at_secrets: what is to be said of each, as a file: `outdated NAME WORDS`, `fine WORDS`, or `unknown`. Side by side: none
# may keep verification for long.
look_at_secrets() {
  local name reference looks=()
  mkdir -p "$work/secrets"
  while read -r name reference; do
    look_at_secret "$name" "$reference" >"$work/secrets/$name.found" &
    looks+=("$!")
  done < <(php "$lib/secrets.php" names "$bundle")
  [ "${#looks[@]}" -eq 0 ] || wait "${looks[@]}"
  cat "$work"/secrets/*.found >"$work/outdated"
  rm -rf "$work/secrets"
}

# No value is fetched for a secret that is the current one and works.
look_at_secret() {
  local has current wanted hurry=yes
  has=$(get "$secret_versions" "$1" 2>/dev/null)
  { aws_json secretsmanager secretsmanager.DescribeSecret "$work/secrets/$1.about" SecretId="$2" &&
    current=$(php "$lib/secrets.php" current "$work/secrets/$1.about"); } || {
    printf 'unknown\n'
    return
  }
  [ "$has" = "$current" ] && [ "$(found "shared.$1")" != 'refuses the password' ] && return
  choose_secret "$bundle" "$1" "$2" || {
    printf 'unknown\n'
    return
  }
  wanted=$has
  [ -e "$work/secrets/$1" ] && wanted=$(get "$work/secrets/$1" VersionId)
  if [ "$wanted" = "$has" ]; then
    [ "$has" = "$current" ] || printf 'fine %s: its server refuses the current secret, and this node has an older one\n' "$1"
  elif [ "$wanted" = "$current" ]; then
    printf 'outdated %s %s was rotated\n' "$1" "$1"
  else
    printf 'outdated %s %s: its server takes only the secret before the current one\n' "$1" "$1"
  fi
}
