<?php
// Measures this node and, on one node at a time, the site. Prints one line of JSON, of which CloudWatch makes metrics as
// far as `_aws` names them (CloudWatch guide, "Specification: Embedded metric format"); the rest is for Logs Insights.
//
//     php measure.php /opt/warden/measure-settings.php
//
// Loads no line of Moodle and touches no shared file: a site in trouble is when measures count.

namespace warden;

ini_set('display_errors', 'stderr');
ini_set('log_errors', '0');
require __DIR__ . '/lib.php';
$settings = require $argv[1];

$now = time();
$workers = workers($settings);
$ask = known(fn() => database($settings['database']));
$mine = $ask === null ? null : known(fn() => chosen($ask, $settings));
$site = site($mine === true ? $ask : null, $settings, $now);

/** Unit and value. Each of these names is one custom metric of the site: see `measures.ts` for the price. */
$metrics = [
    'BusyWorkers' => ['Percent', $workers['total'] > 0 ? 100 * $workers['active'] / $workers['total'] : null],
    'ListenQueue' => ['Count', $workers['waiting']],
    'ActiveUsers' => ['Count', $site['users']],
    'CronAge' => ['Seconds', $site['cronage']],
    'AdhocQueue' => ['Count', $site['adhoc']],
    'AdhocAge' => ['Seconds', $site['adhocage']],
    'SessionLockAge' => ['Seconds', $site['lockage']],
];
// CloudWatch takes no null for a metric: what is not known is not named.
$known = array_filter($metrics, fn(array $metric): bool => $metric[1] !== null);
$named = array_map(fn(string $name, array $metric): array => ['Name' => $name, 'Unit' => $metric[0]], array_keys($known), $known);
$about = ['Namespace' => 'Warden/Moodle', 'Dimensions' => [['Site']], 'Metrics' => $named];
$aws = $named === [] ? [] : ['_aws' => ['Timestamp' => $now * 1000, 'CloudWatchMetrics' => [$about]]];

echo json_encode($aws + [
    'v' => 1,
    'Site' => $settings['site'],
    'host' => gethostname(),
    'measuresSite' => $mine,
] + array_map(fn(array $metric) => $metric[1], $metrics) + [
    'workers' => $workers,
    'opcache' => asked($settings['opcache']),
    'clockOffset' => clockoffset(),
], JSON_UNESCAPED_SLASHES), "\n";

hold($mine === true, $settings);

// ---- This node ------------------------------------------------------------------------------------------------------

function workers(array $settings): array {
    $status = asked($settings['workers']);
    return [
        'total' => $status['total processes'] ?? null,
        'active' => $status['active processes'] ?? null,
        'waiting' => waiting($settings['socket']),
        // Since FPM started.
        'slow' => $status['slow requests'] ?? null,
    ];
}

/** FPM's own status says 0 for the queue of a Unix socket, however long it is: it only counts TCP. The kernel knows. */
function waiting(string $socket): ?int {
    $line = said(['ss', '--unix', '--listening', '--no-header', 'src', $socket], 1);
    return preg_match('/^\S+\s+LISTEN\s+(\d+)\s/', $line ?? '', $found) ? (int) $found[1] : null;
}

// ---- The site, as one node sees it ----------------------------------------------------------------------------------

/**
 * Whether this node measures the site in this minute: the one that gets the lock. All nodes begin with the minute, and
 * whoever has the lock keeps it for longer than their clocks differ; whoever comes later than that leaves it.
 */
function chosen(\Closure $ask, array $settings): bool {
    return (int) date('s') < $settings['hold'] && locked($ask, $settings, 'warden_measure');
}

function hold(bool $mine, array $settings): void {
    if ($mine) {
        sleep(max(0, $settings['hold'] - (int) date('s')));
    }
}

function site(?\Closure $ask, array $settings, int $now): array {
    $prefix = $settings['prefix'];
    $row = fn(string $sql): ?array => $ask === null ? null : known(fn() => $ask($sql)[0] ?? null);
    // Moodle writes lastaccess at most once a minute.
    $users = $row("SELECT COUNT(*) FROM {$prefix}user WHERE deleted = 0 AND lastaccess > " . ($now - 300));
    $cron = $row("SELECT value FROM {$prefix}config_plugins WHERE plugin = 'tool_task' AND name = 'lastcronstart'");
    // What Moodle itself would take next; a task without attempts left stays in the table and waits for nobody.
    $adhoc = $row("SELECT COUNT(*), MIN(nextruntime) FROM {$prefix}task_adhoc WHERE timestarted IS NULL"
        . " AND nextruntime <= $now AND (attemptsavailable > 0 OR attemptsavailable IS NULL)");
    return [
        'users' => $users === null ? null : (int) $users[0],
        'cronage' => $cron === null ? null : $now - (int) $cron[0],
        'adhoc' => $adhoc === null ? null : (int) $adhoc[0],
        // No task that waits has waited for no time.
        'adhocage' => $adhoc === null ? null : $now - (int) ($adhoc[1] ?? $now),
        'lockage' => $ask === null || $settings['sessions'] === null ? null : known(fn() => lockage($settings)),
    ];
}

/**
 * For how long the oldest lock of a session has been held: whoever else has that session waits for as long, and takes up
 * a worker. Redis does not know who waits, and Moodle says so only in a log, with the session's id.
 */
function lockage(array $settings): ?float {
    $redis = redis($settings['sessions']);
    $oldest = 0.0;
    $cursor = null;
    $until = microtime(true) + 1;
    while (($keys = $redis->scan($cursor, $settings['sessionprefix'] . '*.lock', 5_000)) !== false) {
        foreach ($keys as $key) {
            $left = $redis->pttl($key);
            // Below zero: gone by now.
            $oldest = $left < 0 ? $oldest : max($oldest, $settings['lockexpires'] - $left / 1000);
        }
        if (microtime(true) > $until) {
            return null;
        }
    }
    return round($oldest, 1);
}
