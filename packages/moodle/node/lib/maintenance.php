<?php
// Moodle's own admin/cli/maintenance.php, also while Moodle has a mark that an upgrade runs: one that was killed leaves it for
// five minutes. Run as PHP's user.
//
//     php maintenance.php CODE --enable

define('NO_UPGRADE_CHECK', true);
[, $code, $option] = $argv;
$_SERVER['argv'] = ['maintenance.php', $option];
require "$code/admin/cli/maintenance.php";
