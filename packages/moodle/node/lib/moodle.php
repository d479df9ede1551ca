<?php
// What only Moodle itself can tell about the site, or do to it. Run as PHP's user.
//
//     php moodle.php CODE site      prints installed, empty or upgrade-pending
//     php moodle.php CODE tasks     prints class names of tasks that run on this host, one a line
//     php moodle.php CODE purge     purges Moodle's caches; prints purged, or held when another node is at it

define('CLI_SCRIPT', true);
// As in Moodle's own upgrade.php and install_database.php: without it an empty database is a fatal error.
define('CACHE_DISABLE_ALL', true);
[, $code, $verb] = $argv;
require $code . '/config.php';

match ($verb) {
    'site' => print(site() . "\n"),
    'tasks' => print(implode('', array_map(fn(string $class): string => ltrim($class, '\\') . "\n", tasks()))),
    'purge' => purge($code),
};

function site(): string {
    global $DB;
    if (!in_array('config', $DB->get_tables(), true) || !$DB->get_field('config', 'value', ['name' => 'version'])) {
        return 'empty';
    }
    // As `upgrade.php --is-pending` asks.
    return moodle_needs_upgrading() ? 'upgrade-pending' : 'installed';
}

function tasks(): array {
    global $DB;
    $running = fn(string $table): array => array_values($DB->get_fieldset_select(
        $table,
        'classname',
        'timestarted IS NOT NULL AND hostname = ?',
        [gethostname()],
    ));
    return [...$running('task_scheduled'), ...$running('task_adhoc')];
}

/** The lock is Moodle's own, in the database: free again when this process ends, however it ends. */
function purge(string $code): void {
    $lock = \core\lock\lock_config::get_lock_factory('warden_purge')->get_lock('muc', 0);
    if ($lock === false) {
        echo "held\n";
        return;
    }
    $purge = proc_open([PHP_BINARY, "$code/admin/cli/purge_caches.php", '--muc'], [['null'], STDERR, STDERR], $pipes);
    $status = proc_close($purge);
    $lock->release();
    if ($status === 0) {
        echo "purged\n";
    }
    exit($status);
}
