# Says where this node belongs and starts its watcher; prepares the machine first when its image is not the one above. What stands
# above is data (src/image/user-data.ts). On a stock image there is no PHP yet, so this asks AWS in its own way.
set -eu
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022

main() {
  [ "$(cat /opt/warden/image 2>/dev/null)" = "$image" ] || prepare
  install -d -m 755 /etc/warden
  with_settings printf '%s\n' >/etc/warden/node.conf.new
  if cmp -s /etc/warden/node.conf.new /etc/warden/node.conf; then
    rm /etc/warden/node.conf.new
    systemctl start warden-watcher.service
  else
    mv -f /etc/warden/node.conf.new /etc/warden/node.conf
    # It began with the machine, and without these settings it could only wait until it tries again.
    systemctl restart warden-watcher.service
  fi
}

prepare() {
  folder=$(mktemp -d /var/tmp/warden-image-XXXXXX)
  # The network or the role may not be there yet. Who waits in vain is ended by the launch hook.
  until fetch "$folder/image.tar"; do sleep 10; done
  printf '%s  %s\n' "$digest" "$folder/image.tar" | sha256sum --check --status || {
    echo 'user data: the archive has another checksum' >&2
    exit 1
  }
  tar -xf "$folder/image.tar" -C "$folder" --no-same-owner
  sh "$folder/prepare.sh"
  rm -rf "$folder"
}

# Credentials go to curl on its standard input: a process's arguments can be read by every user of the machine.
fetch() {
  role=$(metadata iam/security-credentials/) || return 1
  answer=$(metadata "iam/security-credentials/$role") || return 1
  printf 'user = "%s:%s"\nheader = "X-Amz-Security-Token: %s"\n' "$(member AccessKeyId)" "$(member SecretAccessKey)" "$(member Token)" |
    curl -K - --silent --show-error --fail --max-time 300 --aws-sigv4 "aws:amz:$region:s3" --output "$1" \
      "${AWS_ENDPOINT_URL:-https://s3.$region.amazonaws.com}/$object"
}

metadata() {
  token=$(curl -sf --max-time 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token) || return 1
  printf 'header = "X-aws-ec2-metadata-token: %s"\n' "$token" | curl -K - -sf --max-time 5 "http://169.254.169.254/latest/meta-data/$1"
}

# Keys and tokens are of base64: nothing in them is escaped.
member() { printf '%s\n' "$answer" | sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"; }

main
