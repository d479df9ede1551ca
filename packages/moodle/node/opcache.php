<?php
// How OPcache does in PHP-FPM, as JSON. All pools of one FPM share it, so the readiness check's workers can tell, even
// while those of the site are all busy; the command line has one of its own, which would tell nothing.

header('Content-Type: application/json');
$status = function_exists('opcache_get_status') ? @opcache_get_status(false) : false;
if ($status === false) {
    echo 'null';
    return;
}
$memory = $status['memory_usage'];
$statistics = $status['opcache_statistics'];
$total = $memory['used_memory'] + $memory['free_memory'] + $memory['wasted_memory'];
echo json_encode([
    // Shares of the memory.
    'used' => round($memory['used_memory'] / $total, 4),
    'wasted' => round($memory['wasted_memory'] / $total, 4),
    'scripts' => $statistics['num_cached_scripts'],
    // Since FPM started, as all that follows.
    'hits' => $statistics['hits'],
    'misses' => $statistics['misses'],
    'restarts' => [
        'outOfMemory' => $statistics['oom_restarts'],
        'outOfKeys' => $statistics['hash_restarts'],
        'byHand' => $statistics['manual_restarts'],
    ],
]);
