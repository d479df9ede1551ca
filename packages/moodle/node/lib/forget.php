<?php
// Takes files out of OPcache, whose memory all pools of one PHP-FPM share. Run by the readiness pool, over its own socket.

$left = array_filter(
    explode("\n", $_SERVER['WARDEN_FILES'] ?? ''),
    fn(string $file): bool => $file !== '' && opcache_is_script_cached($file) && !opcache_invalidate($file, true),
);
// Those of releases that are gone would keep their places for as long as this PHP-FPM lives, until there is none for others:
// OPcache begins anew when it is full of what was taken out, and not when it is full.
foreach (array_keys(opcache_get_status()['scripts'] ?? []) as $file) {
    if (str_starts_with($file, "{$_SERVER['WARDEN_RELEASES']}/") && !is_file($file)) {
        opcache_invalidate($file, true);
    }
}
http_response_code($left === [] ? 200 : 500);
echo implode(' ', $left);
