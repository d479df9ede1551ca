<?php
// What PHP is where this runs, as JSON: on the command line, or in PHP-FPM through the readiness pool, which has the same
// extensions and settings as the site's workers.

$opcache = function_exists('opcache_get_status') ? @opcache_get_status(false) : false;
echo json_encode([
    'version' => PHP_VERSION,
    'bits' => 8 * PHP_INT_SIZE,
    'inputs' => (int) ini_get('max_input_vars'),
    'opcache' => ($opcache['opcache_enabled'] ?? false) === true,
    'filecacheonly' => (bool) ini_get('opcache.file_cache_only'),
    // Names in lower case, as nobody agrees on them.
    'extensions' => array_combine(
        array_map('strtolower', get_loaded_extensions()),
        array_map('phpversion', get_loaded_extensions()),
    ),
]);
