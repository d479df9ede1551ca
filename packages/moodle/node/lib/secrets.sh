# Secrets: named in the bundle, resolved by the node's own role, and nowhere but in one file that PHP may read. Answers of
# Secrets Manager lie in this run's folder in memory until then.

# write_secrets BUNDLE: sets `trouble` when it cannot.
write_secrets() {
  local name reference answers=$work/secrets
  mkdir -p "$answers"
  while read -r name reference; do
    aws_json secretsmanager secretsmanager.GetSecretValue "$answers/$name" SecretId="$reference" || {
      trouble="the secret $reference cannot be read"
      return 1
    }
  done < <(php "$lib/secrets.php" names "$1/manifest.json")
  mkdir -p "${secrets%/*}"
  chmod 755 "${secrets%/*}"
  trouble=$(php "$lib/secrets.php" write "$1/manifest.json" "$answers" "$secrets" 2>&1) || return 1
  rm -rf "$answers"
}
