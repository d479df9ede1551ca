<?php
// Runs Moodle's cron if one of so many places is free among all nodes of the site, and is content if none is.
// A place is a lock of Moodle's own, in the database: it is free again when this process ends, however it ends.
//
//     php cron-place.php /srv/moodle/current 4

define('CLI_SCRIPT', true);
[, $code, $places] = $argv;
require $code . '/config.php';

$factory = \core\lock\lock_config::get_lock_factory('warden_cron');
for ($place = 1; $place <= (int) $places; $place++) {
    $lock = $factory->get_lock("place_$place", 0);
    if ($lock === false) {
        continue;
    }
    // The signal that ends cron reaches every process of the unit: Moodle's is to finish its task, this one to wait.
    pcntl_signal(SIGTERM, SIG_IGN);
    $cron = proc_open([PHP_BINARY, $code . '/admin/cli/cron.php'], [STDIN, STDOUT, STDERR], $pipes);
    $status = proc_close($cron);
    $lock->release();
    exit($status);
}
