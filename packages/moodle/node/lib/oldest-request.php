<?php
// Seconds since the oldest request began that a worker is at work on, from the full status of PHP-FPMs; 0 when there is none.
//
//     php oldest-request.php STATUS…

$oldest = 0;
foreach (array_slice($argv, 1) as $file) {
    foreach (json_decode(file_get_contents($file), true, 64, JSON_THROW_ON_ERROR)['processes'] as $worker) {
        // In microseconds. That of an idle one is of the last request that it brought to its end.
        $oldest = max($oldest, $worker['state'] === 'Idle' ? 0 : $worker['request duration']);
    }
}
echo json_encode($oldest / 1_000_000), "\n";
