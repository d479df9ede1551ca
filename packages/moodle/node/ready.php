<?php
// Tells the load balancer whether this node may be given requests. The status speaks of this node alone: what all nodes
// share stands in the body, for if a database that fails over made every node unwell, all would be taken at once.
// Served by workers of its own, without a line of Moodle, so that a busy or broken site does not silence it. All checks
// together take less than the five seconds that a load balancer waits unless told otherwise.

namespace warden;

$settings = require __DIR__ . '/settings.php';
require $settings['library'];

/** Seconds after which no more shared part is asked: each may take another one. */
const latest = 3.5;

$installed = contents($settings['installed']);
$node = [
    'draining' => file_exists($settings['draining']) ? 'this node is leaving' : null,
    'verified' => unverified($installed, contents($settings['verified'])),
    'files' => unreachable($settings['files'], $settings['mounts']),
    'disk' => full($settings['disk'], $settings['leastfree']),
    'workers' => workersgone($settings['workers']),
];
$ready = array_filter($node) === [];
$shared = [
    'database' => answer(fn() => database($settings['database'], 1)('SELECT 1') ? null : 'does not answer'),
    'sessions' => answer(fn() => pinged($settings['sessions'])),
    'cache' => answer(fn() => pinged($settings['cache'])),
];
// Only a directory that answers is asked: looking into one that hangs would hang this worker, too.
$maintenance = $node['files'] === null && file_exists($settings['files'] . '/climaintenance.html');

http_response_code($ready ? 200 : 503);
header('Content-Type: application/json');
header('Cache-Control: no-store');
echo json_encode([
    'v' => 1,
    'ready' => $ready,
    'release' => $installed['release'] ?? null,
    'digest' => $installed['digest'] ?? null,
    'node' => $node,
    'shared' => $shared,
    'maintenance' => $maintenance,
]), "\n";

// ---- This node: null, or what is wrong ------------------------------------------------------------------------------

/** Proven for exactly the configuration that is on its disk now. */
function unverified(?array $installed, ?array $verified): ?string {
    if (!isset($verified['digest'], $installed['digest'])) {
        return 'this node was not verified yet';
    }
    return $verified == $installed ? null : 'this node was verified for another configuration';
}

/** A small file of JSON; null where there is none. */
function contents(string $file): ?array {
    return json_decode(@file_get_contents($file) ?: 'null', true);
}

/** A file system that hangs cannot be asked from here: whoever asks it hangs, and cannot even be killed. A child asks. */
function unreachable(string $directory, string $mounts): ?string {
    if (!str_contains(file_get_contents($mounts), " $directory ")) {
        return 'the shared files are not mounted';
    }
    // The child holds this lock while it lives, so that at most one of them ever hangs.
    $lock = fopen(sys_get_temp_dir() . '/warden-ready.lock', 'c');
    if (!flock($lock, LOCK_EX | LOCK_NB)) {
        return waited(fn() => flock($lock, LOCK_EX | LOCK_NB), 0.5) ? null : 'the shared files do not answer';
    }
    $child = proc_open(['stat', '--file-system', $directory], [['null'], ['null'], ['null'], $lock], $pipes);
    fclose($lock);
    // Not closed with proc_close, which would wait for it.
    $ended = waited(fn() => !proc_get_status($child)['running'], 1.5);
    return $ended ? null : 'the shared files do not answer';
}

function waited(callable $condition, float $seconds): bool {
    for ($until = microtime(true) + $seconds; microtime(true) < $until; usleep(5_000)) {
        if ($condition()) {
            return true;
        }
    }
    return false;
}

function full(string $directory, float $leastfree): ?string {
    $total = @disk_total_space($directory);
    $free = @disk_free_space($directory);
    if (!$total || $free === false) {
        return 'the disk cannot be read';
    }
    return $free / $total >= $leastfree ? null : 'the disk is full';
}

/** FPM's own status answers while every worker is busy: busy is not unwell. */
function workersgone(string $url): ?string {
    $context = stream_context_create(['http' => ['timeout' => 1, 'ignore_errors' => false]]);
    $status = json_decode(@file_get_contents($url, false, $context) ?: 'null', true);
    return ($status['total processes'] ?? 0) > 0 ? null : 'no worker of the site is there';
}

// ---- What all nodes share: for people to read -----------------------------------------------------------------------

/** Exceptions of drivers name hosts and users: only that there is no answer goes out. */
function answer(callable $ask): string {
    if (microtime(true) - $_SERVER['REQUEST_TIME_FLOAT'] > latest) {
        return 'not asked';
    }
    try {
        return $ask() ?? 'ok';
    } catch (Refused) {
        return 'refuses the password';
    } catch (\Throwable) {
        return 'does not answer';
    }
}

function pinged(?array $settings): ?string {
    if ($settings === null) {
        return 'none';
    }
    return redis($settings)->ping() ? null : 'does not answer';
}
