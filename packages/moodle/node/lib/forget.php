<?php
// Takes files out of OPcache, whose memory all pools of one PHP-FPM share. Run by the readiness pool, over its own socket.

$left = array_filter(
    explode("\n", $_SERVER['WARDEN_FILES'] ?? ''),
    fn(string $file): bool => $file !== '' && opcache_is_script_cached($file) && !opcache_invalidate($file, true),
);
http_response_code($left === [] ? 200 : 500);
echo implode(' ', $left);
