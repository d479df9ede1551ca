<?php
// What only Moodle itself can tell about the site, or do to it. Run as PHP's user.
//
//     php moodle.php CODE site      prints installed, empty or upgrade-pending
//     php moodle.php CODE tasks     prints class names of tasks that run on this host, one a line
//     php moodle.php CODE purge     purges what may be stale in its caches, see purge.php
//
// CODE may be a release that is not in use yet.

define('CLI_SCRIPT', true);
[, $code, $verb] = $argv;
// As in Moodle's own upgrade.php and install_database.php: without it an empty database is a fatal error.
define($verb === 'purge' ? 'CACHE_DISABLE_STORES' : 'CACHE_DISABLE_ALL', true);
// While an upgrade runs on another node, and for five minutes after one that was killed, Moodle would say nothing but that.
define('NO_UPGRADE_CHECK', true);
// What Moodle keeps of its code's places lies in moodledata. It holds full paths, so it is not for other releases.
define('IGNORE_COMPONENT_CACHE', true);
require $code . '/config.php';

match ($verb) {
    'site' => print(site() . "\n"),
    'tasks' => print(implode('', array_map(fn(string $class): string => ltrim($class, '\\') . "\n", tasks()))),
    'purge' => require __DIR__ . '/purge.php',
};

function site(): string {
    global $DB;
    // An installation that goes on, or ended in the middle, is none yet (schema.php says which): to Moodle it waits for an upgrade.
    if (!in_array('config', $DB->get_tables(), true) || !$DB->get_field('config', 'value', ['name' => 'rolesactive'])) {
        return 'empty';
    }
    // As `upgrade.php --is-pending` asks: also while one runs without maintenance.
    return moodle_needs_upgrading(false) ? 'upgrade-pending' : 'installed';
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
