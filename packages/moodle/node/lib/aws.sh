# AWS with nothing but curl, under the node's own role. Credentials come from the instance metadata (IMDSv2) for each call
# and go to curl on its standard input: a process's arguments can be read by every user of the machine.

imds=http://169.254.169.254/latest

# metadata PATH: what the instance metadata says; fails where it says nothing (404).
metadata() {
  local token
  token=$(curl -sf --max-time 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$imds/api/token") || return 1
  printf 'header = "X-aws-ec2-metadata-token: %s"\n' "$token" | curl -K - -sf --max-time 2 "$imds/$1"
}

# aws_call SERVICE ANSWER CURL-OPTION…: the answer goes to a file, which is for the caller's eyes only. A caller that sets
# `hurry` would rather have no answer than a late one.
aws_call() {
  local service=$1 answer=$2 region role seconds=20 retries=2
  [ -z "${hurry:-}" ] || seconds=4 retries=0
  shift 2
  region=$(setting REGION) || return 1
  role=$(metadata meta-data/iam/security-credentials/) || {
    note "the instance metadata names no role"
    return 1
  }
  # All errors are tried again: AWS throttles with status 400, which curl by itself takes for final.
  metadata "meta-data/iam/security-credentials/$role" | plain_php credentials |
    curl -K - --silent --show-error --fail-with-body --max-time "$seconds" --connect-timeout 5 --retry "$retries" --retry-all-errors \
      --aws-sigv4 "aws:amz:$region:$service" --output "$answer" "$@" && return 0
  note "$service: $(error_in "$answer")"
  return 1
}

# The kind of error alone: what else an answer says is not for the journal.
error_in() {
  grep -oE '[A-Za-z.]*(Exception|Error|Denied|NotFound|NoSuch[A-Za-z]*|Failure|Fault|Throttl[a-z]*)' "$1" 2>/dev/null |
    head -n 1 || true
}

# aws_json SERVICE TARGET ANSWER NAME=TEXT…: one call of a service that speaks JSON.
aws_json() {
  local service=$1 target=$2 answer=$3 version=1.1 body=$3.request
  shift 3
  [ "$service" = sqs ] && version=1.0
  plain_php json say "$@" >"$body" || return 1
  aws_call "$service" "$answer" --header "Content-Type: application/x-amz-json-$version" \
    --header "X-Amz-Target: $target" --data-binary "@$body" "$(endpoint "$service")/"
}

# s3_get KEY FILE CURL-OPTION…: an object of Warden's bucket.
s3_get() {
  local bucket
  bucket=$(setting BUCKET) || return 1
  # Any file holds the same error as text when the call fails: fetch beside, move what came whole.
  aws_call s3 "$2.part" "$(endpoint s3)/$bucket/$1" "${@:3}" && mv -f "$2.part" "$2"
}

endpoint() {
  local region
  region=$(setting REGION)
  printf '%s' "${AWS_ENDPOINT_URL:-https://$1.$region.amazonaws.com}"
}
