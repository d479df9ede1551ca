# Whether the programs that a bundle's files are for accept them, before any of them is in its place.

# lint BUNDLE: sets `trouble` to what the first of them says.
lint() {
  local file
  for file in "$1"/*.php; do
    accepted "${file##*/}" "$php_program" -n -l "$file" || return 1
  done
  # PHP-FPM wants the directory of its slow log before it looks at a pool.
  systemd-tmpfiles --create "$1/directories.conf" 2>/dev/null
  lint_nginx "$1" && lint_fpm "$1"
}

accepted() {
  local name=$1
  shift
  bounded 20 "$@" >"$work/said" 2>&1 && return 0
  trouble="$name is refused: $(tail -n 3 "$work/said" | tr '\n' ' ' | redacted | cut -c 1-400)"
  return 1
}

lint_nginx() {
  around_nginx "$work/nginx" "$1/nginx.conf" && accepted nginx.conf nginx -t -q -c "$work/nginx/nginx.conf"
}

# around_nginx FOLDER SITE [DIRECTIVES]: FOLDER/nginx.conf with the site alone, in as little around it as nginx takes. Whether it
# gets on with what else is there shows before the reload.
around_nginx() {
  local of
  mkdir -p "$1"
  cp /etc/nginx/fastcgi_params "$1/"
  {
    printf '%s\npid %s/pid;\nevents {}\nhttp {\n  include /etc/nginx/mime.types;\n  include %s;\n' "${3:-}" "$1" "$2"
    # nginx gives such folders to the user of its file, also when it only tests. The usual ones are those of the nginx that runs.
    for of in client_body proxy fastcgi uwsgi scgi; do printf '  %s_temp_path %s/%s;\n' "$of" "$1" "$of"; done
    echo '}'
  } >"$1/nginx.conf"
}

lint_fpm() {
  accepted "PHP-FPM's settings" env "PHP_INI_SCAN_DIR=:$1" "$fpm_program" -t --prefix "$work" --fpm-config "$1/fpm.conf"
}
