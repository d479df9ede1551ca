# What this node's readiness script finds. It is run from the command line, as PHP's user, so that it answers even where no
# web server does: the same code asks for the load balancer and for verification.

# look: its body as a file, `$work/ready.json`; an empty one when it does not answer.
look() {
  : >"$work/ready.json"
  as_php 12 "$php_program" "$warden/ready/ready.php" >"$work/ready.json" 2>/dev/null || note "the readiness script failed"
}

# found PATH: what it found, as node.files or shared.database; empty when all is well.
found() {
  local value
  value=$(get "$work/ready.json" "$1")
  case $value in ok | none) ;; *) printf '%s' "$value" ;; esac
}

# page PATH [CURL-OPTION…]: asks the local web server as the load balancer would; prints the status, and where it sends us.
page() {
  bounded 25 curl --silent --output /dev/null --max-time 20 --write-out '%{http_code} %{redirect_url}' \
    --header "Host: ${address#https://}" --header 'X-Forwarded-Proto: https' --header 'X-Forwarded-For: 127.0.0.1' \
    "${@:2}" "http://127.0.0.1$1" >"$work/page" 2>/dev/null
  cat "$work/page"
}
