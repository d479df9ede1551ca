# PHP itself: whether PHP-FPM and the command line are what the release needs. They have settings and extensions of their own.

# look_at_php: what is wrong, one a line.
look_at_php() {
  bounded 5 "$php_program" "$lib/php-facts.php" >"$work/php-command-line" 2>/dev/null
  ask_php "$fpm" warden-ready.sock "$lib/php-facts.php" >"$work/php-fpm" 2>/dev/null
  plain_php php-judge "$bundle/manifest.json" "$work/php-command-line" "$work/php-fpm"
}
